import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import { listenerAttributes } from "../attributes.ts";
import type { Sdk } from "../sdk.ts";
import { attributeChanges, membersOf, tagsFor, updateTags, wasMadeFor } from "./properties.ts";

type CreateInput = Input<Sdk, "createListener">;

const settings = [
  "AlpnPolicy",
  "Certificates",
  "DefaultActions",
  "MutualAuthentication",
  "Port",
  "Protocol",
  "SslPolicy",
];

function settingsOf(properties: Properties): Omit<CreateInput, "LoadBalancerArn"> {
  return membersOf(Object.fromEntries(settings.map((key) => [key, properties[key]]))) as CreateInput;
}

const identity = (arn: string) => ({ status: "done", id: arn, attributes: { ListenerArn: arn } }) as const;

async function create(ctx: Context, properties: Properties, request: ResourceRequest): Promise<string> {
  const { elasticloadbalancing: elb } = ctx.call;
  const input: CreateInput = {
    ...settingsOf(properties),
    LoadBalancerArn: String(properties["LoadBalancerArn"]),
    Tags: tagsFor(request, properties),
  };
  try {
    const { Listeners: made = [] } = await elb.createListener(input);
    return made[0]?.ListenerArn ?? "";
  } catch (error) {
    if (!isAwsError(error, "DuplicateListener")) throw error;
    const { Listeners: all = [] } = await elb.describeListeners({ LoadBalancerArn: input.LoadBalancerArn });
    const arn = all.find(({ Port }) => Port === input.Port)?.ListenerArn;
    if (arn === undefined || !(await wasMadeFor(ctx, arn, request))) throw error;
    return arn;
  }
}

async function setAttributes(ctx: Context, arn: string, properties: Properties, previous: Properties): Promise<void> {
  const name = "ListenerAttributes";
  const Attributes = attributeChanges(properties[name], previous[name], listenerAttributes);
  if (Attributes.length > 0)
    await ctx.call.elasticloadbalancing.modifyListenerAttributes({ ListenerArn: arn, Attributes });
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listener.html */
export const listener: ResourceType = {
  properties: [...settings, "ListenerAttributes", "LoadBalancerArn", "Tags"],
  required: ["DefaultActions", "LoadBalancerArn"],
  replacedBy: ["LoadBalancerArn"],

  async create(ctx, properties, request) {
    const arn = await create(ctx, properties, request);
    request.made(arn);
    await setAttributes(ctx, arn, properties, {});
    return identity(arn);
  },

  async update(ctx, id, properties, previous, request) {
    await ctx.call.elasticloadbalancing.modifyListener({ ...settingsOf(properties), ListenerArn: id });
    await setAttributes(ctx, id, properties, previous);
    await updateTags(ctx, id, properties, previous, request);
    return identity(id);
  },

  async remove(ctx, id) {
    try {
      await ctx.call.elasticloadbalancing.deleteListener({ ListenerArn: id });
    } catch (error) {
      if (!isAwsError(error, "ListenerNotFound")) throw error;
    }
    return { status: "done" };
  },
};
