import { messageOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Controller } from "../../../kernel/service.ts";
import { tables } from "../store.ts";
import type { PendingAction } from "../store.ts";
import { note } from "./history.ts";
import { lambdaMessage, snsMessage } from "./messages.ts";
import { queriesOf } from "./model.ts";
import type { Alarm } from "./model.ts";

/** An action that has failed so often is given up. */
const mostFailures = 3;
/** The wait after the first failure; doubled after each other. */
const retryAfterMs = 1000;

export type ActionKind =
  | { readonly kind: "sns" | "lambda" | "scaling" }
  | { readonly kind: "ec2"; readonly does: "stop" | "terminate" | "reboot" | "recover" };

/** What an action's ARN asks for; undefined if Trysail cannot do it. */
export function actionKind(arn: string): ActionKind | undefined {
  if (/^arn:[^:]+:sns:/.test(arn)) return { kind: "sns" };
  if (/^arn:[^:]+:lambda:/.test(arn)) return { kind: "lambda" };
  if (/^arn:[^:]+:autoscaling:[^:]*:[^:]*:scalingPolicy:/.test(arn)) return { kind: "scaling" };
  const does =
    /^arn:[^:]+:(?:automate:[^:]+:ec2:|swf:.*\/AWS_EC2\.InstanceId\.)(?<does>stop|terminate|reboot|recover)(?:\/1\.0)?$/i
      .exec(arn)
      ?.groups?.["does"]?.toLowerCase();
  return does === undefined ? undefined : { kind: "ec2", does: does as "stop" };
}

/** Carries out the actions of alarms that have changed. */
export const alarmActions: Controller<PendingAction> = {
  name: "alarm-actions",
  watches: [tables.pendingActions],
  keyOf: ({ key, value }) => (value === undefined ? undefined : String(key)),
  async reconcile(ctx, key) {
    const rows = ctx.table(tables.pendingActions);
    const pending = rows.get(key);
    if (pending === undefined) return undefined;
    if (ctx.now < pending.dueAt) return { wakeAt: pending.dueAt };
    const { alarm, action, failures } = pending;
    let error: string | undefined;
    try {
      await carryOut(ctx, pending);
    } catch (thrown) {
      error = messageOf(thrown);
      if (failures + 1 < mostFailures) {
        const dueAt = ctx.now + retryAfterMs * 2 ** failures;
        ctx.transaction(() => rows.put(key, { ...pending, failures: failures + 1, dueAt }));
        return { wakeAt: dueAt };
      }
    }
    ctx.transaction(() => {
      rows.delete(key);
      note(ctx, alarm, {
        type: "Action",
        summary:
          error === undefined
            ? `Successfully executed action ${action}`
            : `Failed to execute action ${action}. Received error: "${error}"`,
        data: {
          actionState: error === undefined ? "Succeeded" : "Failed",
          notificationResource: action,
          error: error ?? null,
        },
      });
    });
    return undefined;
  },
};

async function carryOut(ctx: Context, { alarm, before, state, action }: PendingAction): Promise<void> {
  const found = actionKind(action);
  switch (found?.kind) {
    case "sns":
      await ctx.call.sns.publish({ TopicArn: action, ...snsMessage(ctx, alarm, before, state) });
      return;
    case "lambda":
      await ctx.call.lambda.invoke({
        FunctionName: action,
        InvocationType: "Event",
        Payload: Buffer.from(JSON.stringify(lambdaMessage(ctx, alarm, before, state))),
      });
      return;
    // Auto Scaling acts on the alarm's event, for as long as the alarm lasts.
    case "scaling":
      return;
    case "ec2":
      return actOnInstance(ctx, instanceOf(alarm), found.does);
    case undefined:
      throw new Error(`Trysail has no alarm action ${action}`);
  }
}

function instanceOf(alarm: Alarm): string {
  const dimensions =
    alarm.kind === "metric" ? queriesOf(alarm).flatMap(({ MetricStat }) => MetricStat?.Metric?.Dimensions ?? []) : [];
  const id = dimensions.find(({ Name }) => Name === "InstanceId")?.Value;
  if (id === undefined) throw new Error("the alarm's metric has no dimension InstanceId");
  return id;
}

async function actOnInstance(
  ctx: Context,
  id: string,
  does: "stop" | "terminate" | "reboot" | "recover",
): Promise<void> {
  const InstanceIds = [id];
  switch (does) {
    case "stop":
      await ctx.call.ec2.stopInstances({ InstanceIds });
      return;
    case "terminate":
      await ctx.call.ec2.terminateInstances({ InstanceIds });
      return;
    // There is no other host to recover on: it starts anew.
    case "recover":
    case "reboot":
      await ctx.call.ec2.rebootInstances({ InstanceIds });
  }
}
