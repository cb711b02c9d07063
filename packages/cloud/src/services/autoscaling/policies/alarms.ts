import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { Context } from "../../../kernel/context.ts";
import type { Controller } from "../../../kernel/service.ts";
import { alarmLoop } from "../../../scaling/alarm-loop.ts";
import { breachValue } from "../../../scaling/breach-value.ts";
import type { Aggregation } from "../../../scaling/breach-value.ts";
import { alarmsNamed, keepAlarms } from "../../../scaling/keep-alarms.ts";
import { alarmNames, alarmPrefix, trackingAlarms } from "../../../scaling/tracking-alarms.ts";
import { desiredChange } from "../model/causes.ts";
import { isSuspended } from "../model/group.ts";
import type { Group } from "../model/group.ts";
import { trackingOf } from "../model/policy.ts";
import type { Policy, TargetTrackingPolicy } from "../model/policy.ts";
import { lookUpGroup, tables } from "../store.ts";
import { executeSimple, executeStep, scale, trackOut, trackedIn } from "./execute.ts";

/** Keeps the alarms of each group's target tracking policies, also when the group or a policy has gone. */
export const policyAlarms: Controller<Policy> = {
  name: "policy-alarms",
  watches: [tables.policies],
  keyOf: ({ key }) => (key as [string, string])[0],
  async reconcile(ctx, group) {
    const wanted = trackingPolicies(ctx, group).flatMap((policy) => {
      const tracking = trackingOf(policy);
      return tracking === undefined ? [] : trackingAlarms(tracking);
    });
    await keepAlarms(ctx, alarmPrefix(group), wanted);
  },
};

function trackingPolicies(ctx: Context, group: string): TargetTrackingPolicy[] {
  const policies = [...ctx.table(tables.policies).values({ prefix: [group] })];
  return policies.filter((policy) => policy.type === "TargetTrackingScaling");
}

/** `arn:aws:autoscaling:REGION:ACCOUNT:scalingPolicy:ID:autoScalingGroupName/GROUP:policyName/NAME` */
function policyOf(ctx: Context, arn: string): Policy | undefined {
  const { group, name } = /:autoScalingGroupName\/(?<group>.+):policyName\/(?<name>.+)$/.exec(arn)?.groups ?? {};
  if (group === undefined || name === undefined) return undefined;
  const policy = ctx.table(tables.policies).get([group, name]);
  return policy?.arn === arn ? policy : undefined;
}

/** Alarms call the policies that are their actions. */
export const alarms = alarmLoop<Policy>({
  service: "autoscaling",
  breaches: tables.breaches,
  hasAny: (ctx) => !(ctx.table(tables.policies).keys().next().done ?? true),
  policyOf,
  async act(ctx, policy, alarm) {
    const value = await breachValue(ctx, alarm, aggregationOf(policy));
    const others = policy.type === "TargetTrackingScaling" ? await readyToScaleIn(ctx, policy, alarm) : [];
    ctx.transaction(() => {
      const group = lookUpGroup(ctx, policy.group);
      if (group === undefined || group.deleting || !policy.enabled || isSuspended(group, "AlarmNotification")) return;
      execute(ctx, group, policy, alarm, value, others);
    });
  },
});

function aggregationOf(policy: Policy): Aggregation {
  return policy.type === "StepScaling" ? (policy.aggregation as Aggregation) : "Average";
}

/** Another target tracking policy of the group, and what it would scale in to. */
type Proposal = { readonly policy: TargetTrackingPolicy; readonly value: number };

function execute(
  ctx: Context,
  group: Group,
  policy: Policy,
  alarm: MetricAlarm,
  value: number | undefined,
  others: readonly Proposal[] | undefined,
): void {
  const { AlarmName: name = "", Threshold: threshold = 0 } = alarm;
  const cause = (from: number, to: number) => desiredChange.alarm(name, policy.name, from, to);
  switch (policy.type) {
    case "SimpleScaling":
      if (ctx.now >= group.cooldownUntil) executeSimple(ctx, group, policy, cause);
      return;
    case "StepScaling":
      if (value !== undefined) executeStep(ctx, group, policy, value - threshold, cause);
      return;
    case "TargetTrackingScaling": {
      if (value === undefined) return;
      if (name === alarmNames({ scales: group.name, alarmsId: policy.alarmsId }).high)
        return trackOut(ctx, group, policy, value, cause);
      // Scaled in only where each policy agrees, and no further than the most careful of them.
      if (others === undefined) return;
      const proposed = [{ policy, value }, ...others].map((one) => trackedIn(ctx, group, one.policy, one.value));
      const desired = Math.max(...proposed.map((to) => to ?? group.desired));
      if (desired < group.desired) scale(ctx, group, desired, cause);
      return;
    }
    default:
      return policy satisfies never;
  }
}

/**
 * The group's other target tracking policies that can scale in, with their metrics.
 *
 * @returns undefined if one of them does not find its metric low
 */
async function readyToScaleIn(
  ctx: Context,
  policy: TargetTrackingPolicy,
  alarm: MetricAlarm,
): Promise<readonly Proposal[] | undefined> {
  const lowOf = (of: TargetTrackingPolicy) => alarmNames({ scales: of.group, alarmsId: of.alarmsId }).low;
  if (alarm.AlarmName !== lowOf(policy)) return [];
  const others = trackingPolicies(ctx, policy.group).filter(
    ({ name, enabled, tracking }) => name !== policy.name && enabled && tracking.DisableScaleIn !== true,
  );
  const ready: Proposal[] = [];
  for (const other of others) {
    const [low] = await alarmsNamed(ctx, { AlarmNames: [lowOf(other)] });
    const value = low?.StateValue === "ALARM" ? await breachValue(ctx, low, "Average") : undefined;
    if (value === undefined) return undefined;
    ready.push({ policy: other, value });
  }
  return ready;
}
