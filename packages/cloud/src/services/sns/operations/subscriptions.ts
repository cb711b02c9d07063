import type { Subscription as SubscriptionShape } from "@aws-sdk/client-sns";
import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { errors, invalid } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Subscription, Topic } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import {
  enqueue,
  findSubscription,
  findTopic,
  putSubscription,
  removeSubscription,
  subscriptionsOf,
  tables,
} from "../store.ts";
import { checkedAttributes, checkEndpoint } from "./subscription-attributes.ts";

const pending = "pending confirmation";

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
export const subscribe: Handler<Sdk, "subscribe"> = (ctx, input) => {
  const topic = findTopic(ctx, input.TopicArn);
  const { protocol, endpoint } = checkEndpoint(input.Protocol, input.Endpoint ?? "");
  const attributes = checkedAttributes(protocol, input.Attributes ?? {}, (name, reason) =>
    invalid("Attributes", reason === undefined ? name : `${name}: ${reason}`),
  );
  const found = [...subscriptionsOf(ctx, topic.name)].find(
    (one) => one.protocol === protocol && one.endpoint === endpoint,
  );
  if (
    found !== undefined &&
    Object.entries(attributes).some(([name, value]) => (found.attributes[name] ?? defaults[name]) !== value)
  )
    throw invalid("Attributes", "Subscription already exists with different attributes");
  const subscription = found ?? make(ctx, topic, { protocol, endpoint, attributes });
  // A subscription that waits is reminded of it.
  if (!subscription.isConfirmed) askToConfirm(ctx, topic, subscription);
  const isTold = subscription.isConfirmed || input.ReturnSubscriptionArn === true;
  return { SubscriptionArn: isTold ? subscription.arn : pending };
};

const defaults: Readonly<Record<string, string>> = {
  FilterPolicyScope: "MessageAttributes",
  RawMessageDelivery: "false",
  FilterPolicy: "{}",
};

function make(
  ctx: Context,
  topic: Topic,
  given: Pick<Subscription, "protocol" | "endpoint" | "attributes">,
): Subscription {
  const id = ctx.ids.uuid();
  const made: Subscription = {
    ...given,
    topic: topic.name,
    id,
    arn: `${topic.arn}:${id}`,
    // Functions are asked by their own policy.
    isConfirmed: given.protocol === "lambda",
    token: ctx.ids.hex(256),
    authenticatesUnsubscribe: false,
    principal: ctx.principal.arn,
    createdAt: ctx.now,
  };
  putSubscription(ctx, made);
  return made;
}

function askToConfirm(ctx: Context, topic: Topic, subscription: Subscription): void {
  enqueue(ctx, subscription, {
    type: "SubscriptionConfirmation",
    id: ctx.ids.uuid(),
    token: subscription.token,
    sentAt: ctx.now,
    text: `You have chosen to subscribe to the topic ${topic.arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
  });
}

/** @see https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html */
export const confirmSubscription: Handler<Sdk, "confirmSubscription"> = (ctx, input) => {
  const topic = findTopic(ctx, input.TopicArn);
  const found = [...subscriptionsOf(ctx, topic.name)].find(({ token }) => token === input.Token);
  if (found === undefined) throw invalid("Token");
  putSubscription(ctx, {
    ...found,
    isConfirmed: true,
    authenticatesUnsubscribe: found.authenticatesUnsubscribe || input.AuthenticateOnUnsubscribe === "true",
  });
  return { SubscriptionArn: found.arn };
};

/** Idempotent: a subscription that is not there is ended. @see https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html */
export const unsubscribe: Handler<Sdk, "unsubscribe"> = (ctx, input) => {
  try {
    const subscription = findSubscription(ctx, input.SubscriptionArn);
    if (subscription.authenticatesUnsubscribe && ctx.principal.type === "anonymous")
      throw errors.AuthorizationError("Cannot unsubscribe without authentication: its confirmation asked for it.");
    removeSubscription(ctx, subscription);
  } catch (error) {
    if (!isAwsError(error, "NotFound")) throw error;
  }
  return {};
};

const describe = (ctx: Context, subscription: Subscription): SubscriptionShape => ({
  SubscriptionArn: subscription.isConfirmed ? subscription.arn : "PendingConfirmation",
  Owner: ctx.account,
  Protocol: subscription.protocol,
  Endpoint: subscription.endpoint,
  TopicArn: subscription.arn.slice(0, subscription.arn.lastIndexOf(":")),
});

function list(ctx: Context, prefix: readonly string[], token: string | undefined) {
  const { items, next } = pageOf<[string, string], Subscription>(
    (options) => ctx.table(tables.subscriptions).entries({ ...options, prefix }),
    token,
    limits.pageSize,
    () => invalid("NextToken"),
  );
  return { Subscriptions: items.map((one) => describe(ctx, one)), NextToken: next };
}

/** @see https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html */
export const listSubscriptions: Handler<Sdk, "listSubscriptions"> = (ctx, input) => list(ctx, [], input.NextToken);

/** @see https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html */
export const listSubscriptionsByTopic: Handler<Sdk, "listSubscriptionsByTopic"> = (ctx, input) =>
  list(ctx, [findTopic(ctx, input.TopicArn).name], input.NextToken);

/** @see https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html */
export const getSubscriptionAttributes: Handler<Sdk, "getSubscriptionAttributes"> = (ctx, input) => {
  const subscription = findSubscription(ctx, input.SubscriptionArn);
  const { Owner, Protocol, Endpoint, TopicArn } = describe(ctx, subscription);
  return {
    Attributes: {
      SubscriptionArn: subscription.arn,
      TopicArn: TopicArn ?? "",
      Owner: Owner ?? "",
      Protocol: Protocol ?? "",
      Endpoint: Endpoint ?? "",
      SubscriptionPrincipal: subscription.principal,
      ConfirmationWasAuthenticated: String(subscription.protocol === "lambda" || subscription.authenticatesUnsubscribe),
      PendingConfirmation: String(!subscription.isConfirmed),
      RawMessageDelivery: "false",
      ...(subscription.attributes["FilterPolicy"] !== undefined && { FilterPolicyScope: "MessageAttributes" }),
      ...subscription.attributes,
    },
  };
};

/** @see https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html */
export const setSubscriptionAttributes: Handler<Sdk, "setSubscriptionAttributes"> = (ctx, input) => {
  const subscription = findSubscription(ctx, input.SubscriptionArn);
  const { AttributeName: name, AttributeValue: value = "" } = input;
  const attributes = { ...subscription.attributes };
  // An empty policy takes the one that there is away.
  if (name === "FilterPolicy" && (value === "" || value === "{}")) delete attributes[name];
  else {
    attributes[name] = value;
    checkedAttributes(subscription.protocol, attributes, invalid);
  }
  putSubscription(ctx, { ...subscription, attributes });
  return {};
};
