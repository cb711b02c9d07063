import { parseRegion } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { attributesOf } from "./properties.ts";

const attributeNames = [
  "DeliveryPolicy",
  "FilterPolicyScope",
  "FilterPolicy",
  "RawMessageDelivery",
  "RedrivePolicy",
  "ReplayPolicy",
  "SubscriptionRoleArn",
] as const;

/** The topic's region, where that is another one. */
const place = (ctx: Context, properties: Properties) =>
  ctx.as({ region: parseRegion((properties["Region"] as string | undefined) ?? "") ?? ctx.region });

const done = (id: string) => ({ status: "done" as const, id, attributes: { Arn: id } });

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html */
export const subscription: ResourceType = {
  properties: [...attributeNames, "Endpoint", "Protocol", "Region", "TopicArn"],
  required: ["Protocol", "TopicArn"],
  replacedBy: ["Endpoint", "Protocol", "Region", "TopicArn"],
  async create(ctx, properties) {
    // Subscribing twice subscribes once.
    const { SubscriptionArn = "" } = await place(ctx, properties).call.sns.subscribe({
      TopicArn: String(properties["TopicArn"]),
      Protocol: String(properties["Protocol"]),
      Endpoint: properties["Endpoint"] as string | undefined,
      Attributes: attributesOf(properties, attributeNames),
      ReturnSubscriptionArn: true,
    });
    return done(SubscriptionArn);
  },
  async update(ctx, id, properties, previous) {
    const before = attributesOf(previous, attributeNames);
    const after = attributesOf(properties, attributeNames);
    const defaults: Readonly<Record<string, string>> = { RawMessageDelivery: "false", FilterPolicy: "{}" };
    const { sns } = place(ctx, properties).call;
    // A policy of the body may not fit the attributes, nor the other way round.
    if (before["FilterPolicyScope"] !== after["FilterPolicyScope"])
      await sns.setSubscriptionAttributes({
        SubscriptionArn: id,
        AttributeName: "FilterPolicy",
        AttributeValue: "{}",
      });
    for (const name of attributeNames) {
      const isChanged =
        before[name] !== after[name] ||
        (name === "FilterPolicy" && before["FilterPolicyScope"] !== after["FilterPolicyScope"]);
      const fallback = name === "FilterPolicyScope" ? "MessageAttributes" : defaults[name];
      if (isChanged)
        await sns.setSubscriptionAttributes({
          SubscriptionArn: id,
          AttributeName: name,
          AttributeValue: after[name] ?? fallback,
        });
    }
    return done(id);
  },
  async remove(ctx, id, properties) {
    try {
      await place(ctx, properties).call.sns.unsubscribe({ SubscriptionArn: id });
    } catch (error) {
      if (!isAwsError(error, "NotFound", "InvalidParameter")) throw error;
    }
    return { status: "done" };
  },
};
