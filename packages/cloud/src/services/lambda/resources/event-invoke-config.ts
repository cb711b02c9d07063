import type { DestinationConfig } from "@aws-sdk/client-lambda";
import type { Context } from "../../../kernel/context.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { numberOf, unlessGone } from "./properties.ts";

interface ConfigProperties extends Properties {
  readonly FunctionName: string;
  readonly Qualifier: string;
  readonly DestinationConfig?: DestinationConfig;
  readonly MaximumEventAgeInSeconds?: number | string;
  readonly MaximumRetryAttempts?: number | string;
}

async function put(ctx: Context, properties: ConfigProperties) {
  const { FunctionName, Qualifier, DestinationConfig: destinations } = properties;
  await ctx.call.lambda.putFunctionEventInvokeConfig({
    FunctionName,
    Qualifier,
    DestinationConfig: destinations,
    MaximumEventAgeInSeconds: numberOf(properties.MaximumEventAgeInSeconds),
    MaximumRetryAttempts: numberOf(properties.MaximumRetryAttempts),
  });
  return { status: "done", id: `${FunctionName}|${Qualifier}`, attributes: {} } as const;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventinvokeconfig.html */
export const eventInvokeConfig: ResourceType = {
  properties: ["FunctionName", "Qualifier", "DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts"],
  required: ["FunctionName", "Qualifier"],
  replacedBy: ["FunctionName", "Qualifier"],
  create: (ctx, properties: ConfigProperties & Properties) => put(ctx, properties),
  update: (ctx, _id, properties: ConfigProperties & Properties) => put(ctx, properties),
  remove: (ctx, id) => {
    const [FunctionName = "", Qualifier] = id.split("|");
    return unlessGone(() => ctx.call.lambda.deleteFunctionEventInvokeConfig({ FunctionName, Qualifier }));
  },
};
