import { partitionOf } from "@trysail/core";
import type { Millis } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import { errors, invalid } from "./errors.ts";
import type { Delivery, Message, Subscription, Topic } from "./model.ts";
import type { SigningKey } from "./signing/key.ts";

export const tables = {
  topics: table<string, Topic>("topics"),
  subscriptions: table<[topic: string, id: string], Subscription>("subscriptions"),
  /**
   * By the subscription, the lane, and when they are due, so that those that are come first; then in the order in which
   * they came. A lane is worked off one by one: there are as many as may be under way at once.
   */
  deliveries: table<[topic: string, subscription: string, lane: string, dueAt: Millis, order: number], Delivery>(
    "deliveries",
  ),
  signingKeys: table<string, SigningKey>("signing-keys", "partition"),
};

export const topicArn = ({ region, account }: Context, name: string) =>
  `arn:${partitionOf(region)}:sns:${region}:${account}:${name}`;

/** The parts of a topic's ARN, or of one of its subscriptions'. */
function partsOf(ctx: Context, arn: string, parameter: string): { readonly topic: string; readonly id: string } {
  const [prefix, partition, service, region, account, topic = "", id = "", ...more] = arn.split(":");
  if (prefix !== "arn" || service !== "sns" || topic === "" || more.length > 0) throw invalid(parameter);
  if (partition !== partitionOf(ctx.region) || region !== ctx.region)
    throw invalid(parameter, `Invalid parameter: ${parameter}`);
  // There is nothing of others here.
  return account === ctx.account ? { topic, id } : { topic: "", id: "" };
}

/** @throws AwsError `NotFound`, `InvalidParameter` */
export function findTopic(ctx: Context, arn: string, parameter = "TopicArn"): Topic {
  const { topic, id } = partsOf(ctx, arn, parameter);
  if (id !== "") throw invalid(parameter);
  const found = topic === "" ? undefined : ctx.table(tables.topics).get(topic);
  if (found === undefined) throw errors.NotFound("Topic does not exist");
  return found;
}

/** @throws AwsError `NotFound`, `InvalidParameter` */
export function findSubscription(ctx: Context, arn: string): Subscription {
  const { topic, id } = partsOf(ctx, arn, "SubscriptionArn");
  if (id === "") throw invalid("SubscriptionArn", "An ARN must have at least 6 elements, not 5");
  const found = topic === "" ? undefined : ctx.table(tables.subscriptions).get([topic, id]);
  if (found === undefined) throw errors.NotFound("Subscription does not exist");
  return found;
}

export function subscriptionsOf(ctx: Context, topic: string): IterableIterator<Subscription> {
  return ctx.table(tables.subscriptions).values({ prefix: [topic] });
}

/** Writes a subscription, whatever it was. Inside a transaction. */
export function putSubscription(ctx: Context, subscription: Subscription): void {
  ctx.table(tables.subscriptions).put([subscription.topic, subscription.id], subscription);
}

/** Ends a subscription. What was on its way to it is not sent. Inside a transaction. */
export function removeSubscription(ctx: Context, { topic, id }: Pick<Subscription, "topic" | "id">): void {
  const deliveries = ctx.table(tables.deliveries);
  for (const key of Array.from(deliveries.keys({ prefix: [topic, id] }))) deliveries.delete(key);
  ctx.table(tables.subscriptions).delete([topic, id]);
  const found = ctx.table(tables.topics).get(topic);
  if (found !== undefined) ctx.table(tables.topics).put(topic, { ...found, unsubscribed: found.unsubscribed + 1 });
}

/** Sends a message on its way. Inside a transaction. */
export function enqueue(
  ctx: Context,
  { topic, id }: Pick<Subscription, "topic" | "id">,
  message: Message,
  dueAt = ctx.now,
  failures = 0,
): void {
  const rows = ctx.table(tables.deliveries);
  // One of sixteen: a digit of the id, which is random.
  const lane = message.id.slice(0, 1);
  const [last] = rows.keys({ prefix: [topic, id, lane, dueAt], reverse: true });
  rows.put([topic, id, lane, dueAt, last === undefined ? 0 : last[4] + 1], { message, failures });
}
