import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { Millis } from "@trysail/core";
import type { Context } from "../kernel/context.ts";
import type { Controller, Subscription } from "../kernel/service.ts";
import type { TableDef } from "../store/table.ts";
import { periodOf } from "./breach-value.ts";
import { alarmsNamed } from "./keep-alarms.ts";

/** An alarm that has called a policy and still does. */
export interface Breach {
  /** The alarm's state that the policy is an action of; mostly ALARM. */
  readonly state: string;
  readonly since: Millis;
}

/** What a service tells of its policies, so that alarms drive them. */
export interface AlarmedPolicies<P> {
  /** The service's id. */
  readonly service: string;
  readonly breaches: TableDef<[policyArn: string, alarm: string], Breach>;
  /** Whether there is any policy at all: asked for each event that tells of an alarm. */
  hasAny(ctx: Context): boolean;
  policyOf(ctx: Context, arn: string): P | undefined;
  /** Does what the policy says of an alarm that is in that state now. Called again each period for as long as it is. */
  act(ctx: Context, policy: P, alarm: MetricAlarm): Promise<void>;
}

/**
 * Has alarms call the scaling policies that are their actions, as CloudWatch calls Auto Scaling: when the alarm's state
 * changes, and again each period for as long as it stays ALARM.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
 */
export function alarmLoop<P>(policies: AlarmedPolicies<P>): {
  readonly subscription: Subscription;
  readonly controller: Controller<Breach>;
} {
  const { service, breaches } = policies;
  return {
    subscription: {
      name: `${service}-alarms`,
      matches: (event, ctx) =>
        event.source === "aws.cloudwatch" &&
        event.detailType === "CloudWatch Alarm State Change" &&
        policies.hasAny(ctx),
      async handle(ctx, { detail }) {
        const name = String(detail["alarmName"]);
        const [alarm] = await alarmsNamed(ctx, { AlarmNames: [name] });
        if (alarm === undefined) return;
        const called = actionsOf(alarm).filter((arn) => policies.policyOf(ctx, arn) !== undefined);
        const state = alarm.StateValue ?? "";
        ctx.transaction(() => {
          for (const arn of called) ctx.table(breaches).put([arn, name], { state, since: ctx.now });
        });
      },
    },
    controller: {
      name: "alarms",
      watches: [breaches],
      keyOf: ({ key, value }) => (value === undefined ? undefined : JSON.stringify(key)),
      async reconcile(ctx, key) {
        const [arn, name] = JSON.parse(key) as [string, string];
        const policy = policies.policyOf(ctx, arn);
        const breach = ctx.table(breaches).get([arn, name]);
        if (breach === undefined) return undefined;
        const [alarm] = policy === undefined ? [] : await alarmsNamed(ctx, { AlarmNames: [name] });
        const isCalled = alarm?.StateValue === breach.state && actionsOf(alarm).includes(arn);
        if (policy !== undefined && alarm !== undefined && isCalled) {
          await policies.act(ctx, policy, alarm);
          if (breach.state === "ALARM") return { wakeAt: ctx.now + periodOf(alarm) * 1000 };
        }
        ctx.transaction(() => {
          const current = ctx.table(breaches).get([arn, name]);
          // One that has begun anew meanwhile is looked at anew.
          if (current?.since === breach.since) ctx.table(breaches).delete([arn, name]);
        });
        return undefined;
      },
    },
  };
}

/** The actions of the state that an alarm is in. */
function actionsOf(alarm: MetricAlarm): readonly string[] {
  if (alarm.ActionsEnabled === false) return [];
  switch (alarm.StateValue) {
    case "ALARM":
      return alarm.AlarmActions ?? [];
    case "OK":
      return alarm.OKActions ?? [];
    case "INSUFFICIENT_DATA":
    case undefined:
      return alarm.InsufficientDataActions ?? [];
  }
}
