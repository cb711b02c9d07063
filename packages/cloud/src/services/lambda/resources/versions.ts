import type { AliasRoutingConfiguration } from "@aws-sdk/client-lambda";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { refused } from "../errors.ts";
import { parseFunctionName } from "../names.ts";
import { orExisting, unlessGone } from "./properties.ts";

interface VersionProperties extends Properties {
  readonly FunctionName: string;
  readonly CodeSha256?: string;
  readonly Description?: string;
}

/** A published version stays what it is: what changes makes another. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html */
export const version: ResourceType = {
  properties: ["FunctionName", "CodeSha256", "Description", "ProvisionedConcurrencyConfig", "RuntimePolicy"],
  required: ["FunctionName"],

  async create(ctx, properties: VersionProperties & Properties) {
    if (properties["ProvisionedConcurrencyConfig"] !== undefined)
      throw refused("provisions no concurrency: leave out ProvisionedConcurrencyConfig.");
    if (properties["RuntimePolicy"] !== undefined)
      throw refused("has one runtime of each kind: leave out RuntimePolicy.");
    const { FunctionArn: id = "", Version: number = "" } = await ctx.call.lambda.publishVersion({
      FunctionName: properties.FunctionName,
      CodeSha256: properties.CodeSha256,
      Description: properties.Description,
    });
    return { status: "done", id, attributes: { Version: number, FunctionArn: id } };
  },

  remove: (ctx, id) => unlessGone(() => ctx.call.lambda.deleteFunction({ FunctionName: id })),
};

interface AliasProperties extends Properties {
  readonly FunctionName: string;
  readonly FunctionVersion: string;
  readonly Name: string;
  readonly Description?: string;
  readonly RoutingConfig?: {
    readonly AdditionalVersionWeights?: readonly {
      readonly FunctionVersion: string;
      readonly FunctionWeight: number | string;
    }[];
  };
}

function settingsOf(properties: AliasProperties) {
  const weights = properties.RoutingConfig?.AdditionalVersionWeights ?? [];
  const RoutingConfig: AliasRoutingConfiguration = {
    AdditionalVersionWeights: Object.fromEntries(
      weights.map(({ FunctionVersion, FunctionWeight }) => [FunctionVersion, Number(FunctionWeight)]),
    ),
  };
  return {
    FunctionName: properties.FunctionName,
    Name: properties.Name,
    FunctionVersion: properties.FunctionVersion,
    Description: properties.Description ?? "",
    RoutingConfig,
  };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-alias.html */
export const alias: ResourceType = {
  properties: [
    "FunctionName",
    "FunctionVersion",
    "Name",
    "Description",
    "RoutingConfig",
    "ProvisionedConcurrencyConfig",
  ],
  required: ["FunctionName", "FunctionVersion", "Name"],
  replacedBy: ["FunctionName", "Name"],

  async create(ctx, properties: AliasProperties & Properties) {
    if (properties["ProvisionedConcurrencyConfig"] !== undefined)
      throw refused("provisions no concurrency: leave out ProvisionedConcurrencyConfig.");
    const settings = settingsOf(properties);
    const { AliasArn: id = "" } = await orExisting(
      () => ctx.call.lambda.createAlias(settings),
      async () => {
        const found = await ctx.call.lambda.getAlias(settings);
        const isSame = found.FunctionVersion === settings.FunctionVersion && found.Description === settings.Description;
        return isSame ? found : undefined;
      },
    );
    return { status: "done", id, attributes: { AliasArn: id } };
  },

  async update(ctx, id, properties: AliasProperties & Properties) {
    if (properties["ProvisionedConcurrencyConfig"] !== undefined)
      throw refused("provisions no concurrency: leave out ProvisionedConcurrencyConfig.");
    await ctx.call.lambda.updateAlias(settingsOf(properties));
    return { status: "done", id, attributes: { AliasArn: id } };
  },

  remove: (ctx, id) => {
    const { name = "", qualifier = "" } = parseFunctionName(id) ?? {};
    return unlessGone(() => ctx.call.lambda.deleteAlias({ FunctionName: name, Name: qualifier }));
  },
};
