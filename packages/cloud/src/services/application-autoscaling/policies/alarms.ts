import { messageOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Controller } from "../../../kernel/service.ts";
import { alarmLoop } from "../../../scaling/alarm-loop.ts";
import { breachValue } from "../../../scaling/breach-value.ts";
import { keepAlarms } from "../../../scaling/keep-alarms.ts";
import { alarmNames, alarmPrefix, trackingAlarms } from "../../../scaling/tracking-alarms.ts";
import { parseResourceId } from "../model.ts";
import type { Policy } from "../model.ts";
import { capacityOf } from "../operations/targets.ts";
import { addActivity, tables } from "../store.ts";
import { decide } from "./decide.ts";
import { trackingOf } from "./tracking.ts";

/** Keeps the alarms of each target's target tracking policies, also when the target or a policy has gone. */
export const policyAlarms: Controller<Policy> = {
  name: "policy-alarms",
  watches: [tables.policies],
  keyOf: ({ key, value }) =>
    value !== undefined && value.tracking === undefined ? undefined : (key as [string, string])[0],
  async reconcile(ctx, resourceId) {
    const wanted = [...ctx.table(tables.policies).values({ prefix: [resourceId] })].flatMap((policy) => {
      const tracking = trackingOf(policy);
      return tracking === undefined ? [] : trackingAlarms(tracking);
    });
    await keepAlarms(ctx, alarmPrefix(resourceId), wanted);
  },
};

/** `arn:…:scalingPolicy:ID:resource/ecs/service/CLUSTER/NAME:policyName/NAME` */
function policyOf(ctx: Context, arn: string): Policy | undefined {
  const { resource, name } = /:resource\/ecs\/(?<resource>.+):policyName\/(?<name>.+)$/.exec(arn)?.groups ?? {};
  if (resource === undefined || name === undefined) return undefined;
  const policy = ctx.table(tables.policies).get([resource, name]);
  return policy?.arn === arn ? policy : undefined;
}

/** Alarms call the policies that are their actions. */
export const alarms = alarmLoop<Policy>({
  service: "application-autoscaling",
  breaches: tables.breaches,
  hasAny: (ctx) => !(ctx.table(tables.policies).keys().next().done ?? true),
  policyOf,
  async act(ctx, policy, alarm) {
    const { resourceId } = policy;
    const target = ctx.table(tables.targets).get(resourceId);
    const aggregation = policy.step?.MetricAggregationType ?? "Average";
    const value = await breachValue(ctx, alarm, aggregation);
    if (target === undefined || value === undefined) return;
    const capacity = await capacityOf(ctx, resourceId);
    const { AlarmName: name = "", Threshold: threshold = 0 } = alarm;
    const isHigh = name === alarmNames({ scales: resourceId, alarmsId: policy.alarmsId }).high;
    const { min, max, suspended } = target;
    const desired = decide(policy, {
      now: ctx.now,
      capacity,
      min,
      max,
      value,
      threshold,
      alarm: isHigh ? "high" : "low",
    });
    if (desired === undefined || desired === capacity) return;
    const isSuspended = desired > capacity ? suspended.DynamicScalingOutSuspended : suspended.DynamicScalingInSuspended;
    if (isSuspended === true) return;
    await setCapacity(ctx, policy, { from: capacity, to: desired, alarm: name });
  },
});

async function setCapacity(
  ctx: Context,
  policy: Policy,
  { from, to, alarm }: { readonly from: number; readonly to: number; readonly alarm: string },
): Promise<void> {
  const { resourceId, name } = policy;
  const { cluster = "", service = "" } = parseResourceId(resourceId) ?? {};
  const activity = {
    id: ctx.ids.uuid(),
    resourceId,
    description: `Setting desired count to ${to}.`,
    cause: `monitor alarm ${alarm} in state ALARM triggered policy ${name}`,
    startedAt: ctx.now,
    endedAt: ctx.now,
  };
  try {
    await ctx.call.ecs.updateService({ cluster, service, desiredCount: to });
    const message = `Successfully set desired count to ${to}. Change successfully fulfilled by ecs.`;
    ctx.transaction(() => {
      addActivity(ctx, { ...activity, status: "Successful", message });
      const current = ctx.table(tables.policies).get([resourceId, name]);
      const last = to > from ? { lastOut: { at: ctx.now, from } } : { lastInAt: ctx.now };
      if (current !== undefined) ctx.table(tables.policies).put([resourceId, name], { ...current, ...last });
    });
  } catch (error) {
    const message = `Failed to set desired count to ${to}. ${messageOf(error)}`;
    ctx.transaction(() => addActivity(ctx, { ...activity, status: "Failed", message }));
  }
}
