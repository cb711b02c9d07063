import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, invalidValue } from "../errors.ts";
import { instanceTypes } from "../instance-types.ts";
import { happenTo } from "../instances/changing.ts";
import { checkUserData } from "../instances/launch-request.ts";
import type { InstanceRow } from "../instances/model.ts";
import { checkHopLimit } from "../instances/placing.ts";
import { groupsOf, rootDevice, showInstance } from "../instances/showing.ts";
import { kinds } from "../kinds.ts";
import { find, findAll } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceAttribute.html */
export const describeInstanceAttribute: Handler<Sdk, "describeInstanceAttribute"> = (ctx, input) => {
  const row = find(ctx, kinds.instance, input.InstanceId);
  const InstanceId = row.id;
  switch (input.Attribute) {
    case "instanceType":
      return { InstanceId, InstanceType: { Value: row.instanceType } };
    case "userData":
      return { InstanceId, UserData: row.userData === undefined ? {} : { Value: row.userData } };
    case "disableApiTermination":
      return { InstanceId, DisableApiTermination: { Value: row.disableApiTermination } };
    case "disableApiStop":
      return { InstanceId, DisableApiStop: { Value: row.disableApiStop } };
    case "instanceInitiatedShutdownBehavior":
      return { InstanceId, InstanceInitiatedShutdownBehavior: { Value: row.shutdownBehavior } };
    case "rootDeviceName":
      return { InstanceId, RootDeviceName: { Value: rootDevice } };
    case "blockDeviceMapping":
      return { InstanceId, BlockDeviceMappings: showInstance(ctx, row).BlockDeviceMappings };
    case "groupSet":
      return { InstanceId, Groups: groupsOf(ctx, row) };
    case "sourceDestCheck":
      return { InstanceId, SourceDestCheck: { Value: row.sourceDestCheck } };
    case "ebsOptimized":
      return { InstanceId, EbsOptimized: { Value: row.ebsOptimized } };
    case "enaSupport":
      return { InstanceId, EnaSupport: { Value: true } };
    case "productCodes":
      return { InstanceId, ProductCodes: [] };
    case "enclaveOptions":
      return { InstanceId, EnclaveOptions: { Enabled: false } };
    case "kernel":
    case "ramdisk":
    case "sriovNetSupport":
      return { InstanceId };
    default:
      throw invalidValue(input.Attribute, "attribute", "Unknown attribute.");
  }
};

const isTrue = (text: string | undefined) => text?.toLowerCase() === "true";

/** One attribute may be named with its value in text, as older clients do. */
function namedAttribute(attribute: string, value: string | undefined): Partial<InstanceRow> {
  switch (attribute) {
    case "instanceType":
      return { instanceType: checkedType(value) };
    case "userData":
      return { userData: checkUserData(value) };
    case "disableApiTermination":
      return { disableApiTermination: isTrue(value) };
    case "disableApiStop":
      return { disableApiStop: isTrue(value) };
    case "instanceInitiatedShutdownBehavior":
      return { shutdownBehavior: checkedBehavior(value) };
    case "sourceDestCheck":
      return { sourceDestCheck: isTrue(value) };
    case "ebsOptimized":
      return { ebsOptimized: isTrue(value) };
    default:
      throw invalidValue(attribute, "attribute", "Trysail cannot change it.");
  }
}

function checkedType(name: string | undefined): string {
  if (name !== undefined && instanceTypes.has(name)) return name;
  throw errors.InvalidInstanceAttributeValue(
    `The instanceType attribute value '${String(name)}' is not valid. Trysail knows those that DescribeInstanceTypes lists.`,
  );
}

function checkedBehavior(value: string | undefined): "stop" | "terminate" {
  if (value === "stop" || value === "terminate") return value;
  throw invalidValue(value, "instanceInitiatedShutdownBehavior", "It is stop or terminate.");
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html */
export const modifyInstanceAttribute: Handler<Sdk, "modifyInstanceAttribute"> = (ctx, input) => {
  const row = find(ctx, kinds.instance, input.InstanceId);
  const refused = ["Kernel", "Ramdisk", "SriovNetSupport", "BlockDeviceMappings"] as const;
  const asked = refused.find((name) => input[name] !== undefined);
  if (asked !== undefined) throw errors.UnsupportedOperation(`${asked}: Trysail cannot change it.`);
  const { UserData, Groups } = input;
  const change: Partial<InstanceRow> = {
    ...(input.Attribute !== undefined && namedAttribute(input.Attribute, input.Value)),
    ...(input.InstanceType !== undefined && { instanceType: checkedType(input.InstanceType.Value) }),
    ...(UserData !== undefined && {
      userData: checkUserData(UserData.Value === undefined ? "" : Buffer.from(UserData.Value).toString("base64")),
    }),
    ...(input.DisableApiTermination !== undefined && {
      disableApiTermination: input.DisableApiTermination.Value ?? false,
    }),
    ...(input.DisableApiStop !== undefined && { disableApiStop: input.DisableApiStop.Value ?? false }),
    ...(input.InstanceInitiatedShutdownBehavior !== undefined && {
      shutdownBehavior: checkedBehavior(input.InstanceInitiatedShutdownBehavior.Value),
    }),
    ...(input.SourceDestCheck !== undefined && { sourceDestCheck: input.SourceDestCheck.Value ?? true }),
    ...(input.EbsOptimized !== undefined && { ebsOptimized: input.EbsOptimized.Value ?? false }),
    ...(Groups !== undefined && {
      securityGroupIds: findAll(ctx, kinds.securityGroup, Groups).map(({ GroupId }) => GroupId),
    }),
  };
  checkStopped(row, change);
  happenTo(ctx, row.id, (now) => ({ ...now, ...change }));
  return {};
};

/** Some things are told to an instance only when it starts. */
function checkStopped(row: InstanceRow, change: Partial<InstanceRow>): void {
  const needsStop = (["instanceType", "userData"] as const).find((name) => name in change);
  if (needsStop !== undefined && row.state !== "stopped")
    throw errors.IncorrectInstanceState(
      `The instance '${row.id}' is not in the 'stopped' state. Its ${needsStop} cannot be changed.`,
    );
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataOptions.html */
export const modifyInstanceMetadataOptions: Handler<Sdk, "modifyInstanceMetadataOptions"> = (ctx, input) => {
  const row = find(ctx, kinds.instance, input.InstanceId);
  checkHopLimit(input.HttpPutResponseHopLimit);
  const { metadataOptions: before } = row;
  const metadataOptions = {
    HttpEndpoint: input.HttpEndpoint ?? before.HttpEndpoint,
    HttpPutResponseHopLimit: input.HttpPutResponseHopLimit ?? before.HttpPutResponseHopLimit,
    HttpTokens: input.HttpTokens ?? before.HttpTokens,
    InstanceMetadataTags: input.InstanceMetadataTags ?? before.InstanceMetadataTags,
  };
  if (input.HttpProtocolIpv6 === "enabled")
    throw errors.UnsupportedOperation("HttpProtocolIpv6: Trysail's instances have IPv4 addresses only.");
  happenTo(ctx, row.id, (now) => ({ ...now, metadataOptions }));
  return { InstanceId: row.id, InstanceMetadataOptions: { ...metadataOptions, State: "applied" } };
};

function setMonitoring(ctx: Context, ids: readonly string[], isDetailed: boolean) {
  return findAll(ctx, kinds.instance, ids).map(({ id }) => {
    happenTo(ctx, id, (now) => ({ ...now, detailedMonitoring: isDetailed }));
    return { InstanceId: id, Monitoring: { State: isDetailed ? ("enabled" as const) : ("disabled" as const) } };
  });
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MonitorInstances.html */
export const monitorInstances: Handler<Sdk, "monitorInstances"> = (ctx, input) => ({
  InstanceMonitorings: setMonitoring(ctx, input.InstanceIds, true),
});

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnmonitorInstances.html */
export const unmonitorInstances: Handler<Sdk, "unmonitorInstances"> = (ctx, input) => ({
  InstanceMonitorings: setMonitoring(ctx, input.InstanceIds, false),
});
