import type { ActionConfigurationProperty, ActionTypeSettings, ArtifactDetails } from "@aws-sdk/client-codepipeline";
import { partitionOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { changeTags, inApiCase, tagsOf } from "./properties.ts";

interface CustomActionTypeProperties {
  readonly Category: "Approval" | "Build" | "Deploy" | "Invoke" | "Source" | "Test";
  readonly Provider: string;
  readonly Version: string | number;
  readonly Settings?: unknown;
  readonly ConfigurationProperties?: readonly unknown[];
  readonly InputArtifactDetails: unknown;
  readonly OutputArtifactDetails: unknown;
}

const separator = ":";

function arnOf({ account, region }: Context, id: string): string {
  const [category, provider, version] = id.split(separator);
  return `arn:${partitionOf(region)}:codepipeline:${region}:${account}:actiontype:Custom/${category}/${provider}/${version}`;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-customactiontype.html */
export const customActionType: ResourceType = {
  properties: [
    "Category",
    "ConfigurationProperties",
    "InputArtifactDetails",
    "OutputArtifactDetails",
    "Provider",
    "Settings",
    "Tags",
    "Version",
  ],
  required: ["Category", "InputArtifactDetails", "OutputArtifactDetails", "Provider", "Version"],
  replacedBy: [
    "Category",
    "ConfigurationProperties",
    "InputArtifactDetails",
    "OutputArtifactDetails",
    "Provider",
    "Settings",
    "Version",
  ],

  async create(ctx, properties, request) {
    const {
      Category: category,
      Provider: provider,
      Version,
      Settings,
      ConfigurationProperties: configuration,
      InputArtifactDetails,
      OutputArtifactDetails,
    } = properties as unknown as CustomActionTypeProperties;
    const version = String(Version);
    const id = [category, provider, version].join(separator);
    try {
      await ctx.call.codepipeline.createCustomActionType({
        category,
        provider,
        version,
        settings: inApiCase(Settings) as ActionTypeSettings | undefined,
        configurationProperties: inApiCase(configuration) as ActionConfigurationProperty[] | undefined,
        inputArtifactDetails: inApiCase(InputArtifactDetails) as ArtifactDetails,
        outputArtifactDetails: inApiCase(OutputArtifactDetails) as ArtifactDetails,
        tags: tagsOf(properties, request),
      });
    } catch (error) {
      if (!isAwsError(error, "ValidationException") || !(await isOurs(ctx, id, request))) throw error;
    }
    return { status: "done", id, attributes: {} };
  },

  async update(ctx, id, properties, previous, request) {
    await changeTags(ctx, arnOf(ctx, id), tagsOf(properties, request), tagsOf(previous, request));
    return { status: "done", id, attributes: {} };
  },

  async remove(ctx, id) {
    const [category, provider = "", version = ""] = id.split(separator);
    await ctx.call.codepipeline.deleteCustomActionType({
      category: category as CustomActionTypeProperties["Category"],
      provider,
      version,
    });
    return { status: "done" };
  },
};

async function isOurs(ctx: Context, id: string, request: ResourceRequest): Promise<boolean> {
  try {
    const { tags = [] } = await ctx.call.codepipeline.listTagsForResource({ resourceArn: arnOf(ctx, id) });
    return isMadeFor(
      request,
      tags.map(({ key, value }) => ({ Key: key, Value: value })),
    );
  } catch (error) {
    if (isAwsError(error, "ResourceNotFoundException")) return false;
    throw error;
  }
}
