import type { InstanceTypeInfo, InstanceTypeOffering, _InstanceType } from "@aws-sdk/client-ec2";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { matcher } from "../filters.ts";
import { instanceTypes } from "../instance-types.ts";
import type { InstanceType } from "../instance-types.ts";
import { invalidToken, pageSize } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { zoneIdOf, zonesOf } from "../zones.ts";

const pages = { least: 5, most: 100 };

function show({ name, architecture, vcpus, memoryMib, isBurstable }: InstanceType): InstanceTypeInfo {
  return {
    InstanceType: name as _InstanceType,
    BareMetal: false,
    BurstablePerformanceSupported: isBurstable,
    CurrentGeneration: !name.startsWith("m1."),
    FreeTierEligible: name === "t2.micro" || name === "t3.micro",
    Hypervisor: /^(m1|t2)\./.test(name) ? "xen" : "nitro",
    InstanceStorageSupported: false,
    MemoryInfo: { SizeInMiB: memoryMib },
    ProcessorInfo: { SupportedArchitectures: [architecture] },
    SupportedRootDeviceTypes: ["ebs"],
    SupportedUsageClasses: ["on-demand"],
    SupportedVirtualizationTypes: ["hvm"],
    VCpuInfo: { DefaultVCpus: vcpus, DefaultCores: vcpus, DefaultThreadsPerCore: 1 },
  };
}

const typeFilters = {
  "bare-metal": "BareMetal",
  "burstable-performance-supported": "BurstablePerformanceSupported",
  "current-generation": "CurrentGeneration",
  "free-tier-eligible": "FreeTierEligible",
  hypervisor: "Hypervisor",
  "instance-storage-supported": "InstanceStorageSupported",
  "instance-type": "InstanceType",
  "memory-info.size-in-mib": "MemoryInfo.SizeInMiB",
  "processor-info.supported-architecture": "ProcessorInfo.SupportedArchitectures",
  "supported-root-device-type": "SupportedRootDeviceTypes",
  "supported-usage-class": "SupportedUsageClasses",
  "supported-virtualization-type": "SupportedVirtualizationTypes",
  "vcpu-info.default-cores": "VCpuInfo.DefaultCores",
  "vcpu-info.default-vcpus": "VCpuInfo.DefaultVCpus",
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html */
export const describeInstanceTypes: Handler<Sdk, "describeInstanceTypes"> = (_ctx, input) => {
  const { InstanceTypes: names = [] } = input;
  const unknown = names.filter((name) => !instanceTypes.has(name));
  if (unknown.length > 0)
    throw errors.InvalidInstanceType(`The following supplied instance types do not exist: [${unknown.join(", ")}]`);
  const shown = [...instanceTypes.values()]
    .filter(({ name }) => names.length === 0 || names.some((wanted) => wanted === name))
    .map(show)
    .filter(matcher(input.Filters, typeFilters));
  const { items, next } = pageOfList(shown, input.NextToken, pageSize(input.MaxResults, pages), invalidToken);
  return { InstanceTypes: items, NextToken: next };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html */
export const describeInstanceTypeOfferings: Handler<Sdk, "describeInstanceTypeOfferings"> = (ctx, input) => {
  const { LocationType = "region" } = input;
  const zones = zonesOf(ctx.region);
  const locations = {
    region: [ctx.region],
    "availability-zone": zones,
    "availability-zone-id": zones.map(zoneIdOf),
    outpost: [],
  }[LocationType];
  const shown = [...instanceTypes.keys()]
    .flatMap((name) =>
      locations.map((Location): InstanceTypeOffering => ({
        InstanceType: name as _InstanceType,
        Location,
        LocationType,
      })),
    )
    .filter(matcher(input.Filters, { "instance-type": "InstanceType", location: "Location" }));
  const { items, next } = pageOfList(shown, input.NextToken, pageSize(input.MaxResults), invalidToken);
  return { InstanceTypeOfferings: items, NextToken: next };
};
