import type { CreateConnectionInput } from "@aws-sdk/client-codestar-connections";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";

interface ConnectionProperties extends Properties {
  readonly ConnectionName: string;
  readonly HostArn?: string;
  readonly ProviderType?: CreateConnectionInput["ProviderType"];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** The connection that an earlier try of the same step has made, if it was cut short after that. */
async function alreadyMade(ctx: Context, request: ResourceRequest): Promise<string | undefined> {
  const { Connections: connections = [] } = await ctx.call["codestar-connections"].listConnections({});
  for (const { ConnectionArn: arn = "" } of connections) {
    const { Tags: tags = [] } = await ctx.call["codestar-connections"].listTagsForResource({ ResourceArn: arn });
    if (isMadeFor(request, tags)) return arn;
  }
  return undefined;
}

/** The same resource has two names. @param prefix - what its ARNs begin with behind `arn:aws:` */
function connectionNamed(prefix: "codestar-connections" | "codeconnections"): ResourceType {
  const identityOf = (arn: string) => {
    const id = arn.replace(":codestar-connections:", `:${prefix}:`);
    return {
      status: "done" as const,
      id,
      attributes: { ConnectionArn: id, ConnectionStatus: "AVAILABLE", OwnerAccountId: arn.split(":")[4] },
    };
  };
  return {
    properties: ["ConnectionName", "HostArn", "ProviderType", "Tags"],
    required: ["ConnectionName"],
    replacedBy: ["ConnectionName", "HostArn", "ProviderType"],

    async create(ctx, properties: ConnectionProperties, request) {
      const made = await alreadyMade(ctx, request);
      if (made !== undefined) return identityOf(made);
      const { ConnectionArn: arn = "" } = await ctx.call["codestar-connections"].createConnection({
        ConnectionName: properties.ConnectionName,
        HostArn: properties.HostArn,
        ProviderType: properties.ProviderType,
        Tags: [...request.tags, ...(properties.Tags ?? [])],
      });
      return identityOf(arn);
    },

    async update(ctx, id, properties: ConnectionProperties, previous: ConnectionProperties, request) {
      const tags = [...request.tags, ...(properties.Tags ?? [])];
      const gone = (previous.Tags ?? []).map(({ Key }) => Key).filter((key) => !tags.some(({ Key }) => Key === key));
      if (gone.length > 0) await ctx.call["codestar-connections"].untagResource({ ResourceArn: id, TagKeys: gone });
      if (tags.length > 0) await ctx.call["codestar-connections"].tagResource({ ResourceArn: id, Tags: tags });
      return identityOf(id);
    },

    async remove(ctx, id) {
      try {
        await ctx.call["codestar-connections"].deleteConnection({ ConnectionArn: id });
      } catch (error) {
        if (!isAwsError(error, "ResourceNotFoundException")) throw error;
      }
      return { status: "done" };
    },
  };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codestarconnections-connection.html */
export const codeStarConnection = connectionNamed("codestar-connections");

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codeconnections-connection.html */
export const codeConnection = connectionNamed("codeconnections");
