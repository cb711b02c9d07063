import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Outcome, Properties, ResourceType } from "../../../kernel/resource.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbus.html */
export const eventBus: ResourceType = {
  properties: ["DeadLetterConfig", "Description", "EventSourceName", "KmsKeyIdentifier", "Name", "Policy", "Tags"],
  required: ["Name"],
  replacedBy: ["Name"],
  async create(ctx, properties, request) {
    const name = String(properties["Name"]);
    const { EventSourceName, KmsKeyIdentifier, Description } = properties as Record<string, string | undefined>;
    try {
      await ctx.call.events.createEventBus({
        Name: name,
        EventSourceName,
        KmsKeyIdentifier,
        Description,
        Tags: request.tags.map(({ Key, Value }) => ({ Key, Value })),
      });
    } catch (error) {
      const { Arn = "" } = await ctx.call.events.describeEventBus({ Name: name });
      const { Tags = [] } = await ctx.call.events.listTagsForResource({ ResourceARN: Arn });
      const isOwn = request.tags.every(({ Key, Value }) => Tags.some((tag) => tag.Key === Key && tag.Value === Value));
      // The attempt before, which was interrupted, has made it.
      if (!isAwsError(error, "ResourceAlreadyExistsException") || !isOwn) throw error;
    }
    return apply(ctx, name, properties);
  },
  async update(ctx, id, properties) {
    await ctx.call.events.updateEventBus({ Name: id, Description: properties["Description"] as string | undefined });
    return apply(ctx, id, properties);
  },
  async remove(ctx, id) {
    await ctx.call.events.deleteEventBus({ Name: id });
    return { status: "done" };
  },
};

async function apply(ctx: Context, name: string, properties: Properties) {
  const policy = properties["Policy"];
  if (policy !== undefined)
    await ctx.call.events.putPermission({
      EventBusName: name,
      Policy: typeof policy === "string" ? policy : JSON.stringify(policy),
    });
  const { Arn = "" } = await ctx.call.events.describeEventBus({ Name: name });
  return { status: "done" as const, id: name, attributes: { Arn, Name: name } };
}

const busOf = (properties: Properties) => (properties["EventBusName"] as string | undefined) ?? "default";

async function putStatement(ctx: Context, properties: Properties) {
  const { StatementId, Statement, Action, Principal, Condition } = properties as Record<string, never>;
  const EventBusName = busOf(properties);
  if (Statement === undefined)
    await ctx.call.events.putPermission({ EventBusName, StatementId, Action, Principal, Condition });
  else {
    const { Policy } = await ctx.call.events.describeEventBus({ Name: EventBusName });
    const before = Policy === undefined ? [] : (JSON.parse(Policy) as { Statement: { Sid?: string }[] }).Statement;
    const others = before.filter(({ Sid }) => Sid !== StatementId);
    const document = { Version: "2012-10-17", Statement: [...others, { ...(Statement as object), Sid: StatementId }] };
    await ctx.call.events.putPermission({ EventBusName, Policy: JSON.stringify(document) });
  }
  return { status: "done" as const, id: `${EventBusName}|${String(StatementId)}`, attributes: {} };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html */
export const eventBusPolicy: ResourceType = {
  properties: ["Action", "Condition", "EventBusName", "Principal", "Statement", "StatementId"],
  required: ["StatementId"],
  replacedBy: ["EventBusName", "StatementId"],
  create: (ctx, properties) => putStatement(ctx, properties),
  update: (ctx, _, properties) => putStatement(ctx, properties),
  async remove(ctx, id): Promise<Outcome> {
    const [EventBusName, StatementId] = id.split("|");
    try {
      await ctx.call.events.removePermission({ EventBusName, StatementId });
    } catch (error) {
      if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
