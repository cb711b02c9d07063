import type { InstanceRefresh, StartInstanceRefreshCommandInput } from "@aws-sdk/client-auto-scaling";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { updateRefresh } from "../apply/apply.ts";
import { findTemplate, resolveTemplate } from "../apply/launch-template.ts";
import { errors, refuse } from "../errors.ts";
import type { Group, LaunchSource } from "../model/group.ts";
import { isActive } from "../model/instance.ts";
import type { GroupInstance } from "../model/instance.ts";
import type { Refresh, RefreshPreferences } from "../model/refresh.ts";
import { turnBack } from "../plan/refresh.ts";
import type { Sdk } from "../sdk.ts";
import { currentRefresh, findGroup, findLiveGroup, instancesOf, tables } from "../store.ts";
import { showSource } from "./describe-groups.ts";
import { checkHealthyPercentages, readMixed } from "./read-group.ts";

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html */
export const startInstanceRefresh: Handler<Sdk, "startInstanceRefresh"> = async (ctx, input) => {
  const { AutoScalingGroupName: name, Strategy: strategy = "Rolling" } = input;
  if (strategy !== "Rolling") throw refuse(`the strategy ${strategy} of instance refreshes`);
  const asked = findLiveGroup(ctx, name);
  const desired = await readDesired(ctx, input);
  const preferences = readPreferences(asked, input);
  if (preferences.autoRollback) checkRollback(asked, desired);
  const isCurrent = preferences.skipMatching ? await matching(ctx, desired ?? asked.source) : () => false;
  const id = ctx.ids.uuid();
  ctx.transaction(() => {
    const group = findLiveGroup(ctx, name);
    if (currentRefresh(ctx, name) !== undefined)
      throw errors.InstanceRefreshInProgress(
        "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
      );
    const rows = ctx.table(tables.refreshes);
    const [last] = rows.values({ prefix: [name], reverse: true });
    const order = (last?.order ?? 0) + 1;
    const old = instancesOf(ctx, name)
      .filter((instance) => isToRefresh(instance, preferences) && !isCurrent(instance))
      .map((instance) => instance.id);
    rows.put([name, order], {
      id,
      order,
      preferences,
      desired,
      old,
      group: name,
      status: "Pending",
      statusReason: undefined,
      startedAt: ctx.now,
      endedAt: undefined,
      previous: group.source,
      total: old.length,
      percentComplete: 0,
      toUpdate: old.length,
      checkpointsPassed: 0,
      pausedUntil: 0,
      progressAt: ctx.now,
      bakesUntil: undefined,
      rollback: undefined,
    });
  });
  return { InstanceRefreshId: id };
};

function isToRefresh(instance: GroupInstance, preferences: RefreshPreferences): boolean {
  if (instance.lifecycle === "Standby" || instance.lifecycle === "EnteringStandby")
    return preferences.standbyInstances !== "Ignore";
  return isActive(instance) && !(instance.protected && preferences.protectedInstances === "Ignore");
}

async function readDesired(
  ctx: Context,
  { DesiredConfiguration: desired }: StartInstanceRefreshCommandInput,
): Promise<LaunchSource | undefined> {
  if (desired?.MixedInstancesPolicy !== undefined) return readMixed(ctx, desired.MixedInstancesPolicy);
  if (desired?.LaunchTemplate === undefined) return undefined;
  return { kind: "template", template: await findTemplate(ctx, desired.LaunchTemplate) };
}

function readPreferences(
  group: Group,
  { Preferences: given = {} }: StartInstanceRefreshCommandInput,
): RefreshPreferences {
  if ((given.AlarmSpecification?.Alarms ?? []).length > 0)
    throw refuse("alarms of instance refreshes: there are no CloudWatch alarms");
  const minHealthyPercent = given.MinHealthyPercentage ?? group.maintenance?.minHealthy ?? 90;
  const maxHealthyPercent =
    given.MaxHealthyPercentage ??
    (given.MinHealthyPercentage === undefined ? group.maintenance?.maxHealthy : undefined) ??
    100;
  checkHealthyPercentages(minHealthyPercent, maxHealthyPercent);
  const checkpoints = given.CheckpointPercentages ?? [];
  if (checkpoints.some((percent, n) => percent < 1 || percent > 100 || percent <= (checkpoints[n - 1] ?? 0)))
    throw errors.ValidationError("Checkpoint percentages must be between 1 and 100, in ascending order.");
  return {
    minHealthyPercent,
    maxHealthyPercent,
    warmupSeconds: given.InstanceWarmup ?? group.warmupSeconds ?? group.graceSeconds,
    checkpoints,
    checkpointDelaySeconds: given.CheckpointDelay ?? 3600,
    skipMatching: given.SkipMatching ?? false,
    autoRollback: given.AutoRollback ?? false,
    protectedInstances: given.ScaleInProtectedInstances ?? "Wait",
    standbyInstances: given.StandbyInstances ?? "Wait",
    bakeSeconds: given.BakeTime ?? 0,
  };
}

/** @throws AwsError if the group could not be brought back to what it is now */
function checkRollback(group: Group, desired: LaunchSource | undefined): void {
  if (desired === undefined)
    throw errors.ValidationError("AutoRollback requires that a desired configuration is specified.");
  const { source } = group;
  if (source.kind === "configuration" || source.template.version.startsWith("$"))
    throw errors.ValidationError(
      "AutoRollback requires that the Auto Scaling group has a launch template with a specific version, and not $Latest or $Default.",
    );
}

/** Whether an instance is already what the group would launch now. */
async function matching(ctx: Context, source: LaunchSource): Promise<(instance: GroupInstance) => boolean> {
  if (source.kind === "configuration") return ({ from }) => from.kind === "configuration" && from.name === source.name;
  const { id, version } = await resolveTemplate(ctx, source.template);
  return ({ from, type }) =>
    from.kind === "template" &&
    from.template.id === id &&
    from.template.version === version &&
    (source.kind === "template" || source.types.length === 0 || source.types.includes(type));
}

/** @throws AwsError `ActiveInstanceRefreshNotFound` if none goes on */
function findActive(ctx: Context, name: string): Refresh {
  const refresh = currentRefresh(ctx, findGroup(ctx, name).name);
  if (refresh === undefined)
    throw errors.ActiveInstanceRefreshNotFound(
      `No in progress or pending Instance Refresh found for Auto Scaling group ${name}`,
    );
  return refresh;
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CancelInstanceRefresh.html */
export const cancelInstanceRefresh: Handler<Sdk, "cancelInstanceRefresh"> = (ctx, input) => {
  const refresh = findActive(ctx, input.AutoScalingGroupName);
  const waits = input.WaitForTransitioningInstances ?? true;
  const statusReason = "Cancelled due to user request.";
  updateRefresh(ctx, {
    ...refresh,
    ...(waits ? { status: "Cancelling" } : { status: "Cancelled", endedAt: ctx.now }),
    statusReason,
  });
  return { InstanceRefreshId: refresh.id };
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RollbackInstanceRefresh.html */
export const rollbackInstanceRefresh: Handler<Sdk, "rollbackInstanceRefresh"> = (ctx, input) => {
  const refresh = findActive(ctx, input.AutoScalingGroupName);
  const { previous, desired } = refresh;
  if (desired === undefined)
    throw errors.IrreversibleInstanceRefresh("The instance refresh has no desired configuration to roll back from.");
  if (previous.kind === "configuration" || previous.template.version.startsWith("$"))
    throw errors.IrreversibleInstanceRefresh(
      "The Auto Scaling group has a launch configuration, or a launch template with the version $Latest or $Default: there is nothing to roll back to.",
    );
  if (refresh.status === "RollbackInProgress")
    throw errors.IrreversibleInstanceRefresh("The instance refresh is being rolled back already.");
  const instances = instancesOf(ctx, refresh.group);
  updateRefresh(ctx, turnBack(refresh, instances, "Rollback requested by user.", ctx.now));
  return { InstanceRefreshId: refresh.id };
};

function show(refresh: Refresh): InstanceRefresh {
  const { preferences, rollback } = refresh;
  return {
    InstanceRefreshId: refresh.id,
    AutoScalingGroupName: refresh.group,
    Status: refresh.status,
    StatusReason: refresh.statusReason,
    StartTime: new Date(refresh.startedAt),
    EndTime: refresh.endedAt === undefined ? undefined : new Date(refresh.endedAt),
    PercentageComplete: refresh.percentComplete,
    InstancesToUpdate: refresh.toUpdate,
    Strategy: "Rolling",
    Preferences: {
      MinHealthyPercentage: preferences.minHealthyPercent,
      MaxHealthyPercentage: preferences.maxHealthyPercent,
      InstanceWarmup: preferences.warmupSeconds,
      ...(preferences.checkpoints.length > 0 && {
        CheckpointPercentages: [...preferences.checkpoints],
        CheckpointDelay: preferences.checkpointDelaySeconds,
      }),
      SkipMatching: preferences.skipMatching,
      AutoRollback: preferences.autoRollback,
      ScaleInProtectedInstances: preferences.protectedInstances,
      StandbyInstances: preferences.standbyInstances,
      BakeTime: preferences.bakeSeconds,
    },
    DesiredConfiguration: refresh.desired === undefined ? undefined : showSource(refresh.desired),
    RollbackDetails:
      rollback === undefined
        ? undefined
        : {
            RollbackReason: rollback.reason,
            RollbackStartTime: new Date(rollback.startedAt),
            PercentageCompleteOnRollback: rollback.percentComplete,
            InstancesToUpdateOnRollback: rollback.toUpdate,
          },
  };
}

/** Newest first. @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeInstanceRefreshes.html */
export const describeInstanceRefreshes: Handler<Sdk, "describeInstanceRefreshes"> = (ctx, input) => {
  const { name } = findGroup(ctx, input.AutoScalingGroupName);
  const { InstanceRefreshIds: ids = [] } = input;
  const all = [...ctx.table(tables.refreshes).values({ prefix: [name], reverse: true })];
  const wanted = all.filter(({ id }) => ids.length === 0 || ids.includes(id));
  const { items, next } = pageOfList(wanted, input.NextToken, input.MaxRecords ?? 50, errors.InvalidNextToken);
  return { InstanceRefreshes: items.map(show), NextToken: next };
};
