import { messageOf, parseAccountId, parseRegion } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Controller } from "../../../kernel/service.ts";
import { measure } from "../measuring.ts";
import { isRaw } from "../model.ts";
import type { Delivery, Message, Subscription, Topic } from "../model.ts";
import { enqueue, tables } from "../store.ts";
import { bodyOf, lambdaEvent } from "./body.ts";
import { post } from "./post.ts";
import { attemptOf, nextAttempt } from "./retrying.ts";
import type { Attempt } from "./retrying.ts";

type Key = [topic: string, subscription: string, lane: string, dueAt: number, order: number];

/**
 * Delivers messages to each subscription, several at once, and tries again what fails. An endpoint that is slow holds up
 * nothing but what is for it.
 */
export const delivering: Controller<Delivery> = {
  name: "deliveries",
  watches: [tables.deliveries],
  keyOf: ({ key, value }) => (value === undefined ? undefined : JSON.stringify((key as Key).slice(0, 3))),
  async reconcile(ctx, key) {
    const prefix = JSON.parse(key) as [string, string, string];
    while (!ctx.signal.aborted) {
      const [first] = ctx.table(tables.deliveries).entries({ prefix });
      if (first === undefined) return undefined;
      const [row, delivery] = first;
      const [, , , dueAt] = row;
      const current = ctx.as({});
      if (current.now < dueAt) return { wakeAt: dueAt };
      await deliver(current, row, delivery);
    }
    return undefined;
  },
};

async function deliver(ctx: Context, row: Key, { message, failures: before }: Delivery): Promise<void> {
  const [name, id] = row;
  const rows = ctx.table(tables.deliveries);
  const topic = ctx.table(tables.topics).get(name);
  const subscription = ctx.table(tables.subscriptions).get([name, id]);
  if (topic === undefined || subscription === undefined) {
    ctx.transaction(() => rows.delete(row));
    return;
  }
  let attempt: Attempt;
  let problem = "";
  try {
    attempt = await send(ctx, topic, subscription, message);
    problem = "it was refused";
  } catch (error) {
    const isFinal = isAwsError(error) && error.fault === "client" && error.status !== 429;
    attempt = isFinal ? "refused" : "failed";
    problem = messageOf(error);
  }
  // Trysail stops: the next one sends it.
  if (attempt !== "delivered" && ctx.signal.aborted) return;
  const ended = ctx.as({});
  const failures = before + 1;
  const dueAt = attempt === "failed" ? nextAttempt(subscription.protocol, failures, ended.now) : undefined;
  if (message.type === "Notification") {
    if (attempt === "delivered") measure(ended, topic, "NumberOfNotificationsDelivered");
    else if (dueAt === undefined) measure(ended, topic, "NumberOfNotificationsFailed");
  }
  if (attempt !== "delivered" && dueAt === undefined)
    ctx.log.warn("a message was not delivered", { subscription: subscription.arn, message: message.id, problem });
  ended.transaction(() => {
    // Whoever has unsubscribed meanwhile is sent nothing more.
    if (rows.delete(row) && dueAt !== undefined) enqueue(ended, subscription, message, dueAt, failures);
  });
}

async function send(ctx: Context, topic: Topic, subscription: Subscription, message: Message): Promise<Attempt> {
  if (subscription.protocol === "lambda") {
    const [, , , region = "", account = ""] = subscription.endpoint.split(":");
    const there = ctx.as({
      region: parseRegion(region) ?? ctx.region,
      account: parseAccountId(account) ?? ctx.account,
    });
    await there.call.lambda.invoke({
      FunctionName: subscription.endpoint,
      InvocationType: "Event",
      Payload: Buffer.from(JSON.stringify(await lambdaEvent(ctx, topic, subscription, message))),
    });
    return "delivered";
  }
  const raw = message.type === "Notification" && isRaw(subscription);
  const body = raw ? message.text : JSON.stringify(await bodyOf(ctx, topic, subscription, message), null, 2);
  const headers = {
    "content-type": "text/plain; charset=UTF-8",
    "user-agent": "Amazon Simple Notification Service Agent",
    "x-amz-sns-message-type": message.type,
    "x-amz-sns-message-id": message.id,
    "x-amz-sns-topic-arn": topic.arn,
    ...(message.type === "Notification" && { "x-amz-sns-subscription-arn": subscription.arn }),
    ...(raw && { "x-amz-sns-rawdelivery": "true" }),
  };
  return attemptOf(await post(ctx, subscription.endpoint, headers, body));
}
