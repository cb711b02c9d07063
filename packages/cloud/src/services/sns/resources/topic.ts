import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { attributesOf } from "./properties.ts";

const attributeNames = [
  "ArchivePolicy",
  "ContentBasedDeduplication",
  "DisplayName",
  "FifoTopic",
  "KmsMasterKeyId",
  "SignatureVersion",
  "TracingConfig",
] as const;

const defaults: Readonly<Record<string, string>> = {
  DisplayName: "",
  SignatureVersion: "1",
  TracingConfig: "PassThrough",
  KmsMasterKeyId: "",
};

interface InlineSubscription {
  readonly Protocol: string;
  readonly Endpoint: string;
}

const subscriptionsOf = (properties: Properties) => (properties["Subscription"] ?? []) as readonly InlineSubscription[];

/** Subscribes those of the template, and ends those that were in it before. */
async function subscribe(ctx: Context, TopicArn: string, wanted: Properties, previous: Properties): Promise<void> {
  const { sns } = ctx.call;
  const after = subscriptionsOf(wanted);
  for (const { Protocol, Endpoint } of after) await sns.subscribe({ TopicArn, Protocol, Endpoint });
  const isSame = (a: InlineSubscription, b: { readonly Protocol?: string; readonly Endpoint?: string }) =>
    a.Protocol === b.Protocol && a.Endpoint === b.Endpoint;
  const gone = subscriptionsOf(previous).filter((one) => !after.some((other) => isSame(one, other)));
  if (gone.length === 0) return;
  let NextToken: string | undefined;
  do {
    const page = await sns.listSubscriptionsByTopic({ TopicArn, NextToken });
    for (const { SubscriptionArn = "", Protocol = "", Endpoint = "" } of page.Subscriptions ?? [])
      // One that is not confirmed has no ARN, and goes by itself.
      if (gone.some((one) => isSame(one, { Protocol, Endpoint })) && SubscriptionArn.startsWith("arn:"))
        await sns.unsubscribe({ SubscriptionArn });
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
}

function tagsOf(properties: Properties, request: ResourceRequest): { Key: string; Value: string }[] {
  const own = (properties["Tags"] ?? []) as readonly { readonly Key: string; readonly Value: string }[];
  const all = new Map([...request.tags, ...own].map(({ Key, Value }) => [Key, Value]));
  return [...all].map(([Key, Value]) => ({ Key, Value }));
}

const done = (arn: string) => ({
  status: "done" as const,
  id: arn,
  attributes: { TopicArn: arn, TopicName: arn.slice(arn.lastIndexOf(":") + 1) },
});

/** The topic of that name, if there is one. */
async function existing(ctx: Context, name: string): Promise<string | undefined> {
  let NextToken: string | undefined;
  do {
    const page = await ctx.call.sns.listTopics({ NextToken });
    const found = page.Topics?.find(({ TopicArn = "" }) => TopicArn.endsWith(`:${name}`));
    if (found !== undefined) return found.TopicArn;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return undefined;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html */
export const topic: ResourceType = {
  properties: [...attributeNames, "DataProtectionPolicy", "Subscription", "Tags", "TopicName"],
  required: [],
  replacedBy: ["FifoTopic", "TopicName"],
  async create(ctx, properties, request) {
    const name = (properties["TopicName"] as string | undefined) ?? request.generatedName({ maxLength: 256 });
    const found = await existing(ctx, name);
    if (found !== undefined) {
      const { Tags = [] } = await ctx.call.sns.listTagsForResource({ ResourceArn: found });
      if (!isMadeFor(request, Tags)) return { status: "failed", reason: `${name} already exists` };
    }
    const policy = properties["DataProtectionPolicy"];
    const { TopicArn = "" } = await ctx.call.sns.createTopic({
      Name: name,
      Attributes: attributesOf(properties, attributeNames),
      Tags: tagsOf(properties, request),
      ...(policy !== undefined && { DataProtectionPolicy: JSON.stringify(policy) }),
    });
    request.made(TopicArn);
    await subscribe(ctx, TopicArn, properties, {});
    return done(TopicArn);
  },
  async update(ctx, id, properties, previous, request) {
    const { sns } = ctx.call;
    const before = attributesOf(previous, attributeNames);
    const after = attributesOf(properties, attributeNames);
    for (const name of attributeNames)
      if (before[name] !== after[name])
        await sns.setTopicAttributes({
          TopicArn: id,
          AttributeName: name,
          AttributeValue: after[name] ?? defaults[name],
        });
    const tags = tagsOf(properties, request);
    const { Tags = [] } = await sns.listTagsForResource({ ResourceArn: id });
    const gone = Tags.flatMap(({ Key = "" }) => (tags.some((tag) => tag.Key === Key) ? [] : [Key]));
    if (gone.length > 0) await sns.untagResource({ ResourceArn: id, TagKeys: gone });
    await sns.tagResource({ ResourceArn: id, Tags: tags });
    await subscribe(ctx, id, properties, previous);
    return done(id);
  },
  async remove(ctx, id) {
    try {
      await ctx.call.sns.deleteTopic({ TopicArn: id });
    } catch (error) {
      if (!isAwsError(error, "InvalidParameter")) throw error;
    }
    return { status: "done" };
  },
};
