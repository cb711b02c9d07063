import type { WebhookDefinition } from "@aws-sdk/client-codepipeline";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { inApiCase, tagsOf } from "./properties.ts";

async function put(ctx: Context, properties: Properties, request: ResourceRequest, name: string) {
  const { RegisterWithThirdParty: register, TargetPipelineVersion: _, ...described } = properties;
  const definition = inApiCase(described) as WebhookDefinition;
  // Its members are in the API's Pascal case, as in the template.
  const authenticationConfiguration = (properties["AuthenticationConfiguration"] ??
    {}) as WebhookDefinition["authenticationConfiguration"];
  const { webhook } = await ctx.call.codepipeline.putWebhook({
    webhook: { ...definition, name, authenticationConfiguration },
    tags: tagsOf({}, request),
  });
  if (String(register) === "true") await ctx.call.codepipeline.registerWebhookWithThirdParty({ webhookName: name });
  else await ctx.call.codepipeline.deregisterWebhookWithThirdParty({ webhookName: name });
  return { status: "done" as const, id: name, attributes: { Url: webhook?.url } };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-webhook.html */
export const webhook: ResourceType = {
  properties: [
    "Authentication",
    "AuthenticationConfiguration",
    "Filters",
    "Name",
    "RegisterWithThirdParty",
    "TargetAction",
    "TargetPipeline",
    "TargetPipelineVersion",
  ],
  required: ["Authentication", "AuthenticationConfiguration", "Filters", "TargetAction", "TargetPipeline"],
  replacedBy: ["Name"],
  create: (ctx, properties, request) =>
    put(
      ctx,
      properties,
      request,
      (properties["Name"] as string | undefined) ?? request.generatedName({ maxLength: 100 }),
    ),
  update: (ctx, id, properties, _previous, request) => put(ctx, properties, request, id),
  async remove(ctx, id) {
    try {
      await ctx.call.codepipeline.deregisterWebhookWithThirdParty({ webhookName: id });
    } catch (error) {
      if (!isAwsError(error, "WebhookNotFoundException")) throw error;
    }
    await ctx.call.codepipeline.deleteWebhook({ name: id });
    return { status: "done" };
  },
};
