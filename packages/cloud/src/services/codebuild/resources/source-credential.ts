import { isAwsError } from "../../../kernel/errors.ts";
import type { Context } from "../../../kernel/context.ts";
import type { ResourceType } from "../../../kernel/resource.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import type { Sdk } from "../sdk.ts";

type Imported = Input<Sdk, "importSourceCredentials">;

interface SourceCredentialProperties {
  readonly AuthType: Imported["authType"];
  readonly ServerType: Imported["serverType"];
  readonly Token: string;
  readonly Username?: string;
}

async function put(ctx: Context, properties: SourceCredentialProperties, shouldOverwrite: boolean) {
  const { arn = "" } = await ctx.call.codebuild.importSourceCredentials({
    authType: properties.AuthType,
    serverType: properties.ServerType,
    token: properties.Token,
    username: properties.Username,
    shouldOverwrite,
  });
  return { status: "done", id: arn, attributes: {} } as const;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codebuild-sourcecredential.html */
export const sourceCredential: ResourceType = {
  properties: ["AuthType", "ServerType", "Token", "Username"],
  required: ["AuthType", "ServerType", "Token"],
  replacedBy: ["ServerType"],

  // CloudFormation has seen to it that what is required is there.
  create: (ctx, properties) => put(ctx, properties as unknown as SourceCredentialProperties, false),
  update: (ctx, _id, properties) => put(ctx, properties as unknown as SourceCredentialProperties, true),

  async remove(ctx, id) {
    try {
      await ctx.call.codebuild.deleteSourceCredentials({ arn: id });
    } catch (error) {
      if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
