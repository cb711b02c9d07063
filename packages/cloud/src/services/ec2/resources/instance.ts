import type { Instance, RunInstancesCommandInput, Tag } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { hasChanged, isStateChange, lookAgainMs } from "./resource-kit.ts";

interface InterfaceProperties {
  readonly AssociatePublicIpAddress?: boolean;
  readonly DeviceIndex?: string | number;
  readonly GroupSet?: string[];
  readonly SubnetId?: string;
}

/** What a template's instance has of what RunInstances takes, where the two write it alike. */
const alike = [
  "BlockDeviceMappings",
  "DisableApiTermination",
  "EbsOptimized",
  "ImageId",
  "InstanceInitiatedShutdownBehavior",
  "InstanceType",
  "KeyName",
  "LaunchTemplate",
  "MetadataOptions",
  "SecurityGroupIds",
  "SecurityGroups",
  "SubnetId",
  "UserData",
] as const satisfies readonly (keyof RunInstancesCommandInput)[];

interface InstanceProperties extends Properties, Partial<Pick<RunInstancesCommandInput, (typeof alike)[number]>> {
  readonly AvailabilityZone?: string;
  readonly CreditSpecification?: { readonly CPUCredits?: string };
  readonly IamInstanceProfile?: string;
  readonly Monitoring?: boolean;
  readonly NetworkInterfaces?: readonly InterfaceProperties[];
  readonly PropagateTagsToVolumeOnCreation?: boolean;
  readonly SourceDestCheck?: boolean;
  readonly Tags?: Tag[];
  readonly Tenancy?: "default" | "dedicated" | "host";
}

/** What changes an instance that is there. Anything else makes a new one. */
const changeable = [
  "DisableApiTermination",
  "IamInstanceProfile",
  "InstanceInitiatedShutdownBehavior",
  "MetadataOptions",
  "Monitoring",
  "SecurityGroupIds",
  "SourceDestCheck",
  "Tags",
];

const properties = [
  ...alike,
  "AvailabilityZone",
  "CreditSpecification",
  "IamInstanceProfile",
  "Monitoring",
  "NetworkInterfaces",
  "PropagateTagsToVolumeOnCreation",
  "SourceDestCheck",
  "Tags",
  "Tenancy",
];

function launchOf(given: InstanceProperties, request: ResourceRequest) {
  const same = Object.fromEntries(alike.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
  const { AvailabilityZone, Tenancy, CreditSpecification, IamInstanceProfile: Name, Monitoring } = given;
  const Tags = [...request.tags, ...(given.Tags ?? [])];
  return {
    ...(same as Partial<RunInstancesCommandInput>),
    MinCount: 1,
    MaxCount: 1,
    ClientToken: request.token,
    ...((AvailabilityZone ?? Tenancy) !== undefined && { Placement: { AvailabilityZone, Tenancy } }),
    ...(CreditSpecification !== undefined && { CreditSpecification: { CpuCredits: CreditSpecification.CPUCredits } }),
    ...(Name !== undefined && { IamInstanceProfile: { Name } }),
    ...(Monitoring !== undefined && { Monitoring: { Enabled: Monitoring } }),
    ...(given.NetworkInterfaces !== undefined && {
      NetworkInterfaces: given.NetworkInterfaces.map(({ GroupSet, DeviceIndex = 0, ...one }) => ({
        ...one,
        DeviceIndex: Number(DeviceIndex),
        Groups: GroupSet,
      })),
    }),
    TagSpecifications: [
      { ResourceType: "instance" as const, Tags },
      ...(given.PropagateTagsToVolumeOnCreation === true ? [{ ResourceType: "volume" as const, Tags }] : []),
    ],
  } satisfies RunInstancesCommandInput;
}

async function read(ctx: Context, id: string): Promise<Instance | undefined> {
  try {
    const { Reservations: [reservation] = [] } = await ctx.call.ec2.describeInstances({ InstanceIds: [id] });
    return reservation?.Instances?.[0];
  } catch (error) {
    if (isAwsError(error, "InvalidInstanceID.NotFound")) return undefined;
    throw error;
  }
}

function attributesOf(instance: Instance): Properties {
  return {
    AvailabilityZone: instance.Placement?.AvailabilityZone,
    InstanceId: instance.InstanceId,
    PrivateDnsName: instance.PrivateDnsName,
    PrivateIp: instance.PrivateIpAddress,
    PublicDnsName: instance.PublicDnsName,
    PublicIp: instance.PublicIpAddress,
    "State.Code": String(instance.State?.Code),
    "State.Name": instance.State?.Name,
    VpcId: instance.VpcId,
  };
}

async function setProfile(ctx: Context, id: string, name: string | undefined): Promise<void> {
  const { IamInstanceProfileAssociations: [association] = [] } =
    await ctx.call.ec2.describeIamInstanceProfileAssociations({ Filters: [{ Name: "instance-id", Values: [id] }] });
  const AssociationId = association?.AssociationId;
  const IamInstanceProfile = { Name: name };
  if (name === undefined) {
    if (AssociationId !== undefined) await ctx.call.ec2.disassociateIamInstanceProfile({ AssociationId });
  } else if (AssociationId === undefined)
    await ctx.call.ec2.associateIamInstanceProfile({ InstanceId: id, IamInstanceProfile });
  else await ctx.call.ec2.replaceIamInstanceProfileAssociation({ AssociationId, IamInstanceProfile });
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html */
export const instance: ResourceType = {
  properties,
  replacedBy: properties.filter((name) => !changeable.includes(name)),
  wokenBy: isStateChange,

  async create(ctx, given: InstanceProperties & Properties, request) {
    const { Instances: [made] = [] } = await ctx.call.ec2.runInstances(launchOf(given, request));
    const id = made?.InstanceId ?? "";
    request.made(id);
    const found = await read(ctx, id);
    const state = found?.State?.Name;
    if (state === "pending") return { status: "waiting", until: ctx.now + lookAgainMs };
    if (found === undefined || state !== "running") {
      const why = found?.StateReason?.Message ?? `it is ${state ?? "gone"}`;
      return { status: "failed", reason: `Instance ${id} did not stabilize: ${why}` };
    }
    if (given.SourceDestCheck === false)
      await ctx.call.ec2.modifyInstanceAttribute({ InstanceId: id, SourceDestCheck: { Value: false } });
    return { status: "done", id, attributes: attributesOf(found) };
  },

  async update(ctx, id, now: InstanceProperties & Properties, before: InstanceProperties & Properties, request) {
    const { ec2 } = ctx.call;
    const InstanceId = id;
    if (hasChanged("DisableApiTermination", now, before))
      await ec2.modifyInstanceAttribute({
        InstanceId,
        DisableApiTermination: { Value: now.DisableApiTermination ?? false },
      });
    if (hasChanged("InstanceInitiatedShutdownBehavior", now, before)) {
      const InstanceInitiatedShutdownBehavior = { Value: now.InstanceInitiatedShutdownBehavior ?? "stop" };
      await ec2.modifyInstanceAttribute({ InstanceId, InstanceInitiatedShutdownBehavior });
    }
    if (hasChanged("SourceDestCheck", now, before))
      await ec2.modifyInstanceAttribute({ InstanceId, SourceDestCheck: { Value: now.SourceDestCheck ?? true } });
    if (hasChanged("SecurityGroupIds", now, before) && now.SecurityGroupIds !== undefined)
      await ec2.modifyInstanceAttribute({ InstanceId, Groups: now.SecurityGroupIds });
    if (hasChanged("MetadataOptions", now, before))
      await ec2.modifyInstanceMetadataOptions({ InstanceId, ...now.MetadataOptions });
    if (hasChanged("Monitoring", now, before))
      await (now.Monitoring === true
        ? ec2.monitorInstances({ InstanceIds: [id] })
        : ec2.unmonitorInstances({ InstanceIds: [id] }));
    if (hasChanged("IamInstanceProfile", now, before)) await setProfile(ctx, id, now.IamInstanceProfile);
    const Tags = [...request.tags, ...(now.Tags ?? [])];
    const gone = (before.Tags ?? []).filter((tag) => !Tags.some(({ Key }) => Key === tag.Key));
    if (gone.length > 0) await ec2.deleteTags({ Resources: [id], Tags: gone.map(({ Key }) => ({ Key })) });
    await ec2.createTags({ Resources: [id], Tags });
    return { status: "done", id, attributes: attributesOf((await read(ctx, id)) ?? {}) };
  },

  async remove(ctx, id) {
    const found = await read(ctx, id);
    if (found === undefined || found.State?.Name === "terminated") return { status: "done" };
    await ctx.call.ec2.terminateInstances({ InstanceIds: [id] });
    return { status: "waiting", until: ctx.now + lookAgainMs };
  },
};
