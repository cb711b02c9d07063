import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { defaultPolicy } from "../model.ts";

const topicsOf = (properties: Properties) => (properties["Topics"] ?? []) as readonly string[];

async function put(ctx: Context, properties: Properties): Promise<void> {
  const AttributeValue = JSON.stringify(properties["PolicyDocument"]);
  for (const TopicArn of topicsOf(properties))
    await ctx.call.sns.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue });
}

/** Gives topics the policy back that they have without one. */
async function reset(ctx: Context, topics: readonly string[]): Promise<void> {
  for (const TopicArn of topics) {
    try {
      const AttributeValue = defaultPolicy(TopicArn, ctx.account);
      await ctx.call.sns.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue });
    } catch (error) {
      if (!isAwsError(error, "NotFound")) throw error;
    }
  }
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html */
export const topicPolicy: ResourceType = {
  properties: ["PolicyDocument", "Topics"],
  required: ["PolicyDocument", "Topics"],
  async create(ctx, properties, request) {
    await put(ctx, properties);
    const id = request.generatedName();
    return { status: "done", id, attributes: { Id: id } };
  },
  async update(ctx, id, properties, previous) {
    await put(ctx, properties);
    const left = topicsOf(properties);
    await reset(
      ctx,
      topicsOf(previous).filter((topic) => !left.includes(topic)),
    );
    return { status: "done", id, attributes: { Id: id } };
  },
  async remove(ctx, _id, properties) {
    await reset(ctx, topicsOf(properties));
    return { status: "done" };
  },
};
