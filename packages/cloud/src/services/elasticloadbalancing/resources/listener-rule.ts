import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import type { Sdk } from "../sdk.ts";
import { membersOf, tagsFor, updateTags, wasMadeFor } from "./properties.ts";

type CreateInput = Input<Sdk, "createRule">;

const identity = (arn: string) =>
  ({ status: "done", id: arn, attributes: { RuleArn: arn, IsDefault: false } }) as const;

async function create(ctx: Context, properties: Properties, request: ResourceRequest): Promise<string> {
  const { elasticloadbalancing: elb } = ctx.call;
  const input = { ...(membersOf(properties) as CreateInput), Tags: tagsFor(request, properties) };
  try {
    const { Rules: made = [] } = await elb.createRule(input);
    return made[0]?.RuleArn ?? "";
  } catch (error) {
    if (!isAwsError(error, "PriorityInUse")) throw error;
    const { Rules: all = [] } = await elb.describeRules({ ListenerArn: input.ListenerArn });
    const arn = all.find(({ Priority }) => Priority === String(input.Priority))?.RuleArn;
    if (arn === undefined || !(await wasMadeFor(ctx, arn, request))) throw error;
    return arn;
  }
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenerrule.html */
export const listenerRule: ResourceType = {
  properties: ["Actions", "Conditions", "ListenerArn", "Priority", "Tags", "Transforms"],
  required: ["Actions", "Conditions", "ListenerArn", "Priority"],
  replacedBy: ["ListenerArn"],

  async create(ctx, properties, request) {
    return identity(await create(ctx, properties, request));
  },

  async update(ctx, id, properties, previous, request) {
    const { elasticloadbalancing: elb } = ctx.call;
    const { Conditions, Actions, Transforms, Priority } = membersOf(properties) as CreateInput;
    await elb.modifyRule({ RuleArn: id, Conditions, Actions, Transforms });
    if (Priority !== Number(previous["Priority"]))
      await elb.setRulePriorities({ RulePriorities: [{ RuleArn: id, Priority }] });
    await updateTags(ctx, id, properties, previous, request);
    return identity(id);
  },

  async remove(ctx, id) {
    try {
      await ctx.call.elasticloadbalancing.deleteRule({ RuleArn: id });
    } catch (error) {
      if (!isAwsError(error, "RuleNotFound")) throw error;
    }
    return { status: "done" };
  },
};
