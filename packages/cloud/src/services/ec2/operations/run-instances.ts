import type { RunInstancesRequest } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { endDryRun, madeBefore, once } from "../handling.ts";
import { findImage } from "../images/finding.ts";
import { resolveImageId } from "../images/resolving.ts";
import { changed } from "../instances/changing.ts";
import { checkRequest, checkUserData, countOf, typeOf, withTemplate } from "../instances/launch-request.ts";
import type { LaunchRequest } from "../instances/launch-request.ts";
import { workloadOf } from "../instances/model.ts";
import type { InstanceProfile, InstanceRow } from "../instances/model.ts";
import { checkHopLimit, groupsFor, keyFor, subnetFor } from "../instances/placing.ts";
import { findProfile } from "../instances/profile.ts";
import { rootDevice, showInstance } from "../instances/showing.ts";
import { kinds } from "../kinds.ts";
import { ensureDefaultVpc } from "../networking/default-vpc.ts";
import { find, newId } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, putTags, specifiedTags } from "../tags.ts";

/** What all instances of a request have in common. */
type Common = Omit<
  InstanceRow,
  | "id"
  | "launchIndex"
  | "address"
  | "networkInterfaceId"
  | "attachmentId"
  | "macAddress"
  | "metadataKey"
  | "blockDevices"
>;

function commonOf(
  ctx: Context,
  request: LaunchRequest,
  reservationId: string,
  profile: InstanceProfile | undefined,
): Common {
  const imageId = request.ImageId;
  if (imageId === undefined) throw errors.MissingParameter("The request must contain the parameter ImageId");
  const image = findImage(ctx, imageId);
  const type = typeOf(request);
  if (image.Architecture !== type.architecture)
    throw errors.InvalidParameterValue(
      `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${String(image.Architecture)}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.`,
    );
  const subnet = subnetFor(ctx, request);
  const { MetadataOptions: metadata = {} } = request;
  checkHopLimit(metadata.HttpPutResponseHopLimit);
  const isNewImage = "ImdsSupport" in image && image.ImdsSupport === "v2.0";
  return {
    reservationId,
    clientToken: request.ClientToken,
    imageId,
    architecture: type.architecture,
    instanceType: type.name,
    zone: subnet.AvailabilityZone,
    subnetId: subnet.SubnetId,
    vpcId: subnet.VpcId,
    securityGroupIds: groupsFor(ctx, request, subnet),
    keyName: keyFor(ctx, request),
    profile,
    userData: checkUserData(request.UserData),
    metadataOptions: {
      HttpEndpoint: metadata.HttpEndpoint ?? "enabled",
      HttpPutResponseHopLimit: metadata.HttpPutResponseHopLimit ?? (isNewImage ? 2 : 1),
      HttpTokens: metadata.HttpTokens ?? (isNewImage ? "required" : "optional"),
      InstanceMetadataTags: metadata.InstanceMetadataTags ?? "disabled",
    },
    shutdownBehavior: request.InstanceInitiatedShutdownBehavior ?? "stop",
    disableApiTermination: request.DisableApiTermination ?? false,
    disableApiStop: request.DisableApiStop ?? false,
    sourceDestCheck: true,
    ebsOptimized: request.EbsOptimized ?? false,
    detailedMonitoring: request.Monitoring?.Enabled ?? false,
    unlimitedCredits: request.CreditSpecification?.CpuCredits === "unlimited",
    hasPublicAddress: request.NetworkInterfaces?.[0]?.AssociatePublicIpAddress ?? subnet.MapPublicIpOnLaunch,
    createdAt: ctx.now,
    launchedAt: ctx.now,
    state: "pending",
    since: ctx.now,
    stateReason: undefined,
    transitionReason: "",
    graceMs: 0,
    rebootRequested: false,
    metadataPort: undefined,
    endedRun: undefined,
  };
}

/** An image's own devices, with what the request says of them. */
function devicesFor(ctx: Context, request: LaunchRequest): InstanceRow["blockDevices"] {
  const { BlockDeviceMappings: ofImage = [] } = findImage(ctx, request.ImageId ?? "");
  const usual = { DeviceName: rootDevice, Ebs: { DeleteOnTermination: true, VolumeSize: 8 } };
  const byName = new Map((ofImage.length === 0 ? [usual] : ofImage).map((one) => [one.DeviceName, one]));
  for (const asked of request.BlockDeviceMappings ?? []) {
    const before = byName.get(asked.DeviceName);
    if (asked.NoDevice !== undefined) byName.delete(asked.DeviceName);
    else byName.set(asked.DeviceName, { ...before, ...asked, Ebs: { ...before?.Ebs, ...asked.Ebs } });
  }
  return [...byName.values()].map((device) => ({ ...device, volumeId: newId(ctx, { prefix: "vol" }) }));
}

function makeInstance(ctx: Context, id: string, common: Common, request: LaunchRequest, launchIndex: number): void {
  const blockDevices = devicesFor(ctx, request);
  const row: InstanceRow = {
    ...common,
    id,
    launchIndex,
    blockDevices,
    address: ctx.host.workloads.reserveAddress(workloadOf(ctx, id)),
    networkInterfaceId: newId(ctx, { prefix: "eni" }),
    attachmentId: newId(ctx, { prefix: "eni-attach" }),
    macAddress: `0a:${(ctx.ids.hex(10).match(/../g) ?? []).join(":")}`,
    metadataKey: ctx.ids.hex(32),
  };
  changed(ctx, undefined, row);
  ctx.table(tables.reservations).put([row.reservationId, id], true);
  putTags(ctx, id, specifiedTags(request.TagSpecifications, "instance"));
  for (const { volumeId } of blockDevices) putTags(ctx, volumeId, specifiedTags(request.TagSpecifications, "volume"));
  putTags(ctx, row.networkInterfaceId, specifiedTags(request.TagSpecifications, "network-interface"));
}

/** Makes the instances, or those that the same client token made before, and tells the reservation that they are of. */
async function launch(ctx: Context, input: RunInstancesRequest): Promise<string> {
  const before = madeBefore(ctx, "runInstances", input);
  if (before !== undefined) return before;
  const count = countOf(input);
  const template = withTemplate(ctx, input);
  const request = { ...template, ImageId: await resolveImageId(ctx, template.ImageId) };
  checkRequest(request);
  checkSpecifications(request.TagSpecifications, "instance", "volume", "network-interface", "spot-instances-request");
  const profile = await findProfile(ctx, request.IamInstanceProfile);
  const reserved: string[] = [];
  try {
    return ctx.transaction(() =>
      once(ctx, "runInstances", input, () => {
        const reservationId = newId(ctx, { prefix: "r" });
        const common = commonOf(ctx, request, reservationId, profile);
        endDryRun(input);
        for (let index = 0; index < count; index += 1) {
          const id = newId(ctx, kinds.instance);
          reserved.push(id);
          makeInstance(ctx, id, common, request, index);
        }
        return reservationId;
      }),
    );
  } catch (error) {
    // Addresses are no rows: what was reserved before the mistake is given back.
    await Promise.all(reserved.map((id) => ctx.host.workloads.remove(workloadOf(ctx, id))));
    throw error;
  }
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html */
export const runInstances: Handler<Sdk, "runInstances"> = async (ctx, input) => {
  ensureDefaultVpc(ctx);
  const reservationId = await launch(ctx, input);
  const ids = [...ctx.table(tables.reservations).keys({ prefix: [reservationId] })].map(([, id]) => id);
  const rows = ids.map((id) => find(ctx, kinds.instance, id)).toSorted((a, b) => a.launchIndex - b.launchIndex);
  return {
    ReservationId: reservationId,
    OwnerId: ctx.account,
    Groups: [],
    Instances: rows.map((row) => showInstance(ctx, row)),
  };
};
