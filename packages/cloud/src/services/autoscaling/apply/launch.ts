import type { RunInstancesCommandInput, Instance } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { beginActivity, changeActivity, endActivity } from "../activities.ts";
import { tellOfActivity } from "../events.ts";
import type { Group, LaunchSource } from "../model/group.ts";
import type { Ec2State, GroupInstance, Launch, LaunchedFrom } from "../model/instance.ts";
import { afterRefusedLaunch } from "../plan/back-off.ts";
import type { Step } from "../plan/step.ts";
import { changeGroup, changeInstance, currentRefresh, putInstance, tables } from "../store.ts";
import { configurationOf } from "./launch-configuration.ts";
import { resolveTemplate } from "./launch-template.ts";
import { portOf } from "./port.ts";

/** Inside a transaction. */
export function beginLaunch(ctx: Context, group: Group, step: Extract<Step, { do: "begin-launch" }>): void {
  const { place, cause, balances } = step;
  const begun = { kind: "launch", cause, status: "PreInService", progress: 0, place } as const;
  const activity = beginActivity(ctx, group, begun);
  const launch: Launch = { ...place, id: activity.id, group: group.name, activity: activity.order, balances };
  ctx.table(tables.launches).put([group.name, launch.id], launch);
  changeGroup(ctx, group.name, (current) => ({ ...current, changes: [] }));
}

/**
 * Asks EC2 for the instance. After a crash it is asked again with the same token, and answers with the same instance.
 */
export async function launchInstance(ctx: Context, group: Group, launch: Launch): Promise<void> {
  try {
    const { source, request } = await requestFor(ctx, sourceNow(ctx, group), launch);
    const made = await runInstance(ctx, {
      ...request,
      ClientToken: launch.id,
      TagSpecifications: [{ ResourceType: "instance", Tags: tagsFor(group, await portOf(ctx, group)) }],
    });
    if (made?.InstanceId === undefined) throw new Error("RunInstances has answered without an instance");
    const instance = rowOf(group, launch, made, source, ctx.now);
    ctx.transaction(() => {
      ctx.table(tables.launches).delete([group.name, launch.id]);
      putInstance(ctx, instance);
      changeActivity(ctx, launch.activity, { instanceId: instance.id, progress: 30 });
    });
    await catchUp(ctx, instance);
  } catch (error) {
    if (!isAwsError(error)) throw error;
    ctx.transaction(() => refused(ctx, group, launch, error.message));
  }
}

/** What the group launches from: while a refresh brings about another configuration, that one. */
function sourceNow(ctx: Context, group: Group): LaunchSource {
  const refresh = currentRefresh(ctx, group.name);
  return refresh?.status === "InProgress" ? (refresh.desired ?? group.source) : group.source;
}

async function requestFor(
  ctx: Context,
  source: LaunchSource,
  { zone, subnet }: Launch,
): Promise<{ readonly source: LaunchedFrom; readonly request: Partial<RunInstancesCommandInput> }> {
  const place = subnet === undefined ? { Placement: { AvailabilityZone: zone } } : { SubnetId: subnet };
  if (source.kind === "configuration") {
    return { source, request: { ...configurationOf(ctx, source.name), ...place } };
  }
  const template = await resolveTemplate(ctx, source.template);
  const LaunchTemplate = { LaunchTemplateId: template.id, Version: template.version };
  const type = source.kind === "mixed" ? source.types[0] : undefined;
  return {
    source: { kind: "template", template },
    request: { LaunchTemplate, ...place, ...(type !== undefined && { InstanceType: type as never }) },
  };
}

async function runInstance(ctx: Context, request: Partial<RunInstancesCommandInput>): Promise<Instance | undefined> {
  try {
    const { Instances = [] } = await ctx.call.ec2.runInstances({ ...request, MinCount: 1, MaxCount: 1 });
    return Instances[0];
  } catch (error) {
    // The attempt before a crash has launched it, of a configuration that has changed since.
    if (!isAwsError(error, "IdempotentParameterMismatch")) throw error;
    const { Reservations: [reservation] = [] } = await ctx.call.ec2.describeInstances({
      Filters: [{ Name: "client-token", Values: [request.ClientToken ?? ""] }],
    });
    return reservation?.Instances?.[0];
  }
}

/** EC2 tells an instance's application by this tag on which port it is expected to serve. */
const portTag = "trysail:port";

function tagsFor({ name, tags }: Group, port: number | undefined): { Key: string; Value: string }[] {
  const propagated = tags.filter(({ propagate }) => propagate).map(({ key, value }) => ({ Key: key, Value: value }));
  const ofPort =
    port === undefined || propagated.some(({ Key }) => Key === portTag) ? [] : [{ Key: portTag, Value: String(port) }];
  return [...propagated, ...ofPort, { Key: "aws:autoscaling:groupName", Value: name }];
}

function rowOf(group: Group, launch: Launch, made: Instance, from: LaunchedFrom, now: number): GroupInstance {
  return {
    zone: launch.zone,
    subnet: launch.subnet,
    group: launch.group,
    balances: launch.balances,
    id: made.InstanceId ?? "",
    type: made.InstanceType ?? "",
    imageId: made.ImageId,
    from,
    lifecycle: "Pending",
    ec2: stateOf(made) ?? "pending",
    unhealthy: undefined,
    protected: group.protectsNew,
    launchedAt: now,
    inServiceAt: undefined,
    activity: launch.activity,
    waits: [],
    targets: {},
    hasServed: false,
    lookAt: 0,
    atOnce: false,
  };
}

export function stateOf(instance: Instance | undefined): Ec2State | undefined {
  return instance?.State?.Name;
}

/** What has happened to an instance before the group knew it has gone by unheard: EC2 is asked. */
async function catchUp(ctx: Context, instance: Pick<GroupInstance, "id" | "group">): Promise<void> {
  const { Reservations: [reservation] = [] } = await ctx.call.ec2.describeInstances({ InstanceIds: [instance.id] });
  const state = stateOf(reservation?.Instances?.[0]);
  if (state === undefined) return;
  ctx.transaction(() => changeInstance(ctx, instance, (row) => ({ ...row, ec2: state })));
}

function refused(ctx: Context, group: Group, launch: Launch, message: string): void {
  ctx.table(tables.launches).delete([group.name, launch.id]);
  const reason = `${message.replace(/\.$/, "")}. Launching EC2 instance failed.`;
  tellOfActivity(ctx, endActivity(ctx, launch.activity, "Failed", reason));
  changeGroup(ctx, group.name, (current) => ({
    ...current,
    failures: { ...current.failures, [launch.zone]: afterRefusedLaunch(current.failures[launch.zone], ctx.now) },
  }));
}
