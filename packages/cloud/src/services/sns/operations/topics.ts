import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { readTags } from "../../../kernel/tags.ts";
import type { Tags } from "../../../kernel/tags.ts";
import { invalid } from "../errors.ts";
import { limits } from "../limits.ts";
import { defaultPolicy } from "../model.ts";
import type { Topic } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findTopic, removeSubscription, subscriptionsOf, tables, topicArn } from "../store.ts";

/** What a topic's attributes may be. Every other one is refused. */
const settable: Readonly<Record<string, (value: string) => boolean>> = {
  DisplayName: (value) => value.length <= 100,
  KmsMasterKeyId: () => true,
  Policy: isJsonObject,
  SignatureVersion: (value) => value === "1" || value === "2",
  TracingConfig: (value) => value === "PassThrough",
};

/** Attributes of AWS's topics that Trysail's have not. */
const missing: ReadonlySet<string> = new Set([
  "ArchivePolicy",
  "ContentBasedDeduplication",
  "DataProtectionPolicy",
  "DeliveryPolicy",
  "FifoThroughputScope",
  "FifoTopic",
]);

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** @throws AwsError `InvalidParameter` */
function checkAttribute(name: string, value: string): void {
  const check = Object.hasOwn(settable, name) ? settable[name] : undefined;
  if (check === undefined) {
    const isMissing = missing.has(name) || /FeedbackRoleArn$|FeedbackSampleRate$/.test(name);
    throw invalid("AttributeName", isMissing ? `Trysail's topics have no ${name}: leave it out.` : undefined);
  }
  if (!check(value)) throw invalid(name);
}

const isSame = (a: Tags, b: Tags) =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value);

/** @see https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
export const createTopic: Handler<Sdk, "createTopic"> = (ctx, input) => {
  const { Name: name } = input;
  const { FifoTopic = "false", ...attributes } = input.Attributes ?? {};
  if (FifoTopic !== "false" || name.endsWith(".fifo"))
    throw invalid("FifoTopic", "Trysail has no FIFO topics, since only queues of SQS can subscribe to them.");
  if (!/^[\w-]{1,256}$/.test(name)) throw invalid("Topic Name");
  if (input.DataProtectionPolicy !== undefined)
    throw invalid("DataProtectionPolicy", "Trysail's topics have no data protection policies.");
  for (const [attribute, value] of Object.entries(attributes)) checkAttribute(attribute, value);
  const tags = readTags(input.Tags);
  const found = ctx.table(tables.topics).get(name);
  if (found !== undefined) {
    if (Object.entries(attributes).some(([attribute, value]) => attributeOf(ctx, found, attribute) !== value))
      throw invalid("Attributes", "Topic already exists with different attributes");
    if (input.Tags !== undefined && !isSame(tags, found.tags))
      throw invalid("Tags", "Topic already exists with different tags");
    return { TopicArn: found.arn };
  }
  const topic: Topic = { name, arn: topicArn(ctx, name), attributes, unsubscribed: 0, tags };
  ctx.table(tables.topics).put(name, topic);
  return { TopicArn: topic.arn };
};

const attributeOf = (ctx: Context, { arn, attributes }: Topic, name: string) =>
  attributes[name] ?? { DisplayName: "", Policy: defaultPolicy(arn, ctx.account) }[name];

/** Idempotent: a topic that is not there is deleted. @see https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html */
export const deleteTopic: Handler<Sdk, "deleteTopic"> = (ctx, input) => {
  let topic: Topic;
  try {
    topic = findTopic(ctx, input.TopicArn);
  } catch (error) {
    if (!isAwsError(error, "NotFound")) throw error;
    return {};
  }
  for (const subscription of Array.from(subscriptionsOf(ctx, topic.name))) removeSubscription(ctx, subscription);
  ctx.table(tables.topics).delete(topic.name);
  return {};
};

/** @see https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html */
export const listTopics: Handler<Sdk, "listTopics"> = (ctx, input) => {
  const { items, next } = pageOf<string, Topic>(
    (options) => ctx.table(tables.topics).entries(options),
    input.NextToken,
    limits.pageSize,
    () => invalid("NextToken"),
  );
  return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), NextToken: next };
};

/** What is done where nobody says something else. */
const effectiveDeliveryPolicy = JSON.stringify({
  http: {
    defaultHealthyRetryPolicy: {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: "linear",
    },
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: "text/plain; charset=UTF-8" },
  },
});

/** @see https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html */
export const getTopicAttributes: Handler<Sdk, "getTopicAttributes"> = (ctx, input) => {
  const topic = findTopic(ctx, input.TopicArn);
  const subscriptions = [...subscriptionsOf(ctx, topic.name)];
  const confirmed = subscriptions.filter(({ isConfirmed }) => isConfirmed).length;
  return {
    Attributes: {
      TopicArn: topic.arn,
      Owner: ctx.account,
      DisplayName: "",
      Policy: defaultPolicy(topic.arn, ctx.account),
      EffectiveDeliveryPolicy: effectiveDeliveryPolicy,
      SubscriptionsConfirmed: String(confirmed),
      SubscriptionsPending: String(subscriptions.length - confirmed),
      SubscriptionsDeleted: String(topic.unsubscribed),
      ...topic.attributes,
    },
  };
};

/** @see https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html */
export const setTopicAttributes: Handler<Sdk, "setTopicAttributes"> = (ctx, input) => {
  const topic = findTopic(ctx, input.TopicArn);
  const { AttributeName: name, AttributeValue: value = "" } = input;
  checkAttribute(name, value);
  ctx.table(tables.topics).put(topic.name, { ...topic, attributes: { ...topic.attributes, [name]: value } });
  return {};
};
