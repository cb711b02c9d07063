import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Subscription } from "../../../kernel/service.ts";
import { periodOf } from "../../../scaling/breach-value.ts";
import { tables } from "../store.ts";
import type { Deployment, Service } from "./model.ts";
import { withPrimary } from "./rollout.ts";

/** How the alarms of a deployment stand. */
export interface DeploymentAlarms {
  readonly inAlarm: readonly string[];
  /** How long they are watched after the tasks are in place: as long as the slowest takes to tell. */
  readonly bakeMs: Millis;
}

const none: DeploymentAlarms = { inAlarm: [], bakeMs: 0 };

/** The alarms that can end a service's deployment now. */
export async function deploymentAlarms(ctx: Context, service: Service): Promise<DeploymentAlarms> {
  const { enable, alarmNames = [] } = service.configuration.alarms ?? {};
  if (enable !== true || service.deployments[0]?.rollout !== "IN_PROGRESS") return none;
  const { MetricAlarms = [], CompositeAlarms = [] } = await ctx.call.monitoring.describeAlarms({
    AlarmNames: alarmNames,
    AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
  });
  return {
    inAlarm: [...MetricAlarms, ...CompositeAlarms].flatMap(({ AlarmName = "", StateValue }) =>
      StateValue === "ALARM" ? [AlarmName] : [],
    ),
    bakeMs: Math.max(0, ...MetricAlarms.map(tellsWithinMs)),
  };
}

const tellsWithinMs = (alarm: MetricAlarm) => periodOf(alarm) * 1000 * (alarm.EvaluationPeriods ?? 1);

/** Why an alarm ends a deployment, in AWS's words. */
export const alarmDetected = "alarm detected";

/** Notes, at the first look at a deployment, whether its alarms are quiet. */
export function withAlarmsNoted(service: Service, alarms: DeploymentAlarms): Service {
  const [primary] = service.deployments;
  const isNew = primary?.rollout === "IN_PROGRESS" && primary.alarms === undefined;
  if (primary === undefined || !isNew || service.configuration.alarms?.enable !== true) return service;
  return withPrimary(service, { ...primary, alarms: alarms.inAlarm.length > 0 ? "ignored" : "watched" });
}

/**
 * Whether an alarm ends the primary deployment now.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
 */
export function isAlarming({ deployments: [primary] }: Service, { inAlarm }: DeploymentAlarms): boolean {
  return primary?.rollout === "IN_PROGRESS" && primary.alarms === "watched" && inAlarm.length > 0;
}

/** Until when a deployment whose tasks are all in place is watched; undefined if it need not be. */
export function bakesUntil(primary: Deployment, { bakeMs }: DeploymentAlarms, now: Millis): Millis | undefined {
  if (primary.rollout !== "IN_PROGRESS" || primary.alarms !== "watched") return undefined;
  const until = (primary.bakingSince ?? now) + bakeMs;
  return now < until ? until : undefined;
}

/** Services whose deployments watch an alarm look at it when it changes. */
export const alarmChanges: Subscription = {
  name: "ecs-deployment-alarms",
  matches: (event, ctx) =>
    event.source === "aws.cloudwatch" &&
    event.detailType === "CloudWatch Alarm State Change" &&
    !(ctx.table(tables.services).keys().next().done ?? true),
  handle(ctx, event) {
    const alarm = String(event.detail["alarmName"]);
    ctx.transaction(() => {
      for (const { cluster, name, configuration, deployments } of ctx.table(tables.services).values())
        if (configuration.alarms?.alarmNames?.includes(alarm) === true && deployments[0]?.rollout === "IN_PROGRESS")
          ctx.table(tables.wakes).put([cluster, name], event.id);
    });
    return Promise.resolve();
  },
};
