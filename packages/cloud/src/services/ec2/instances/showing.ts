import type { Instance, InstanceNetworkInterface } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import { tables } from "../store.ts";
import { tagsOf } from "../tags.ts";
import { zoneIdOf } from "../zones.ts";
import { stateCodes } from "./model.ts";
import type { InstanceRow, InstanceState } from "./model.ts";

export const rootDevice = "/dev/xvda";

export function showState(state: InstanceState) {
  return { Code: stateCodes[state], Name: state };
}

/** `ip-127-9-0-7.ec2.internal`. Nothing resolves it: the address itself is what is reached. */
export function privateDnsName(region: string, address: string): string {
  const domain = region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
  return `ip-${address.replaceAll(".", "-")}.${domain}`;
}

/** The groups of an instance that are still there. */
export function groupsOf(ctx: Context, row: InstanceRow) {
  const groups = ctx.table(tables.securityGroups);
  return row.securityGroupIds.flatMap((GroupId) => {
    const group = groups.get(GroupId);
    return group === undefined ? [] : [{ GroupId, GroupName: group.GroupName }];
  });
}

/** Whether an instance still has what it was given: a terminated one has lost it. */
const holdsResources = ({ state }: InstanceRow) => state !== "terminated";
/** A stopped instance keeps its private address, and no public one. */
const isPublic = ({ state, hasPublicAddress }: InstanceRow) =>
  hasPublicAddress && state !== "stopped" && state !== "terminated";

export function showNetworkInterface(ctx: Context, row: InstanceRow): InstanceNetworkInterface {
  const PrivateDnsName = privateDnsName(ctx.region, row.address);
  const Association = isPublic(row)
    ? { IpOwnerId: "amazon", PublicDnsName: row.address, PublicIp: row.address }
    : undefined;
  return {
    Association,
    Attachment: {
      AttachTime: new Date(row.createdAt),
      AttachmentId: row.attachmentId,
      DeleteOnTermination: true,
      DeviceIndex: 0,
      NetworkCardIndex: 0,
      Status: "attached",
    },
    Description: "",
    Groups: groupsOf(ctx, row),
    InterfaceType: "interface",
    Ipv6Addresses: [],
    MacAddress: row.macAddress,
    NetworkInterfaceId: row.networkInterfaceId,
    OwnerId: ctx.account,
    PrivateDnsName,
    PrivateIpAddress: row.address,
    PrivateIpAddresses: [{ Association, Primary: true, PrivateDnsName, PrivateIpAddress: row.address }],
    SourceDestCheck: row.sourceDestCheck,
    Status: "in-use",
    SubnetId: row.subnetId,
    VpcId: row.vpcId,
  };
}

/** What an instance has in its network, which it loses when it is terminated. */
function showHeld(ctx: Context, row: InstanceRow): Instance {
  return {
    BlockDeviceMappings: row.blockDevices.map(({ DeviceName, Ebs, volumeId }) => ({
      DeviceName,
      Ebs: {
        AttachTime: new Date(row.createdAt),
        DeleteOnTermination: Ebs?.DeleteOnTermination ?? true,
        Status: "attached",
        VolumeId: volumeId,
      },
    })),
    NetworkInterfaces: [showNetworkInterface(ctx, row)],
    PrivateDnsName: privateDnsName(ctx.region, row.address),
    PrivateIpAddress: row.address,
    ...(isPublic(row) && { PublicIpAddress: row.address }),
    PublicDnsName: isPublic(row) ? row.address : "",
    SecurityGroups: groupsOf(ctx, row),
    SourceDestCheck: row.sourceDestCheck,
    SubnetId: row.subnetId,
    VpcId: row.vpcId,
  };
}

/** An instance as it is told of. */
export function showInstance(ctx: Context, row: InstanceRow) {
  return {
    InstanceId: row.id,
    AmiLaunchIndex: row.launchIndex,
    Architecture: row.architecture,
    ClientToken: row.clientToken ?? "",
    BootMode: "uefi-preferred",
    CapacityReservationSpecification: { CapacityReservationPreference: "open" },
    CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 },
    CurrentInstanceBootMode: "uefi",
    EbsOptimized: row.ebsOptimized,
    EnaSupport: true,
    EnclaveOptions: { Enabled: false },
    HibernationOptions: { Configured: false },
    Hypervisor: "xen",
    ...(row.profile !== undefined && { IamInstanceProfile: { Arn: row.profile.arn, Id: row.profile.id } }),
    ImageId: row.imageId,
    InstanceType: row.instanceType as NonNullable<Instance["InstanceType"]>,
    ...(row.keyName !== undefined && { KeyName: row.keyName }),
    LaunchTime: new Date(row.launchedAt),
    MaintenanceOptions: { AutoRecovery: "default" },
    MetadataOptions: { ...row.metadataOptions, State: "applied", HttpProtocolIpv6: "disabled" },
    Monitoring: { State: row.detailedMonitoring ? "enabled" : "disabled" },
    Placement: {
      AvailabilityZone: row.zone,
      AvailabilityZoneId: zoneIdOf(row.zone),
      GroupName: "",
      Tenancy: "default",
    },
    PlatformDetails: "Linux/UNIX",
    ProductCodes: [],
    RootDeviceName: rootDevice,
    RootDeviceType: "ebs",
    State: showState(row.state),
    ...(row.stateReason !== undefined && {
      StateReason: { Code: row.stateReason.code, Message: row.stateReason.message },
    }),
    StateTransitionReason: row.transitionReason,
    Tags: tagsOf(ctx, row.id),
    UsageOperation: "RunInstances",
    VirtualizationType: "hvm",
    ...(holdsResources(row)
      ? showHeld(ctx, row)
      : { BlockDeviceMappings: [], NetworkInterfaces: [], SecurityGroups: [], PrivateDnsName: "", PublicDnsName: "" }),
  } satisfies Instance;
}
