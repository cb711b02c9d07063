import type { LogGroupClass } from "@aws-sdk/client-cloudwatch-logs";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";

interface LogGroupProperties {
  readonly LogGroupName?: string;
  readonly LogGroupClass?: LogGroupClass;
  readonly KmsKeyId?: string;
  readonly RetentionInDays?: number | string;
  readonly DeletionProtectionEnabled?: boolean;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

async function retain(ctx: Context, logGroupName: string, days: number | string | undefined): Promise<void> {
  if (days === undefined) await ctx.call.logs.deleteRetentionPolicy({ logGroupName });
  else await ctx.call.logs.putRetentionPolicy({ logGroupName, retentionInDays: Number(days) });
}

async function identity(ctx: Context, name: string) {
  const { logGroups = [] } = await ctx.call.logs.describeLogGroups({ logGroupIdentifiers: [name] });
  return { status: "done", id: name, attributes: { Arn: logGroups[0]?.arn ?? "" } } as const;
}

const tagsOf = (tags: LogGroupProperties["Tags"]) =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html */
export const logGroup: ResourceType = {
  properties: ["LogGroupName", "LogGroupClass", "KmsKeyId", "RetentionInDays", "DeletionProtectionEnabled", "Tags"],
  replacedBy: ["LogGroupName", "LogGroupClass", "KmsKeyId"],

  async create(ctx, properties: LogGroupProperties, request) {
    const name = properties.LogGroupName ?? request.generatedName({ maxLength: 512 });
    try {
      await ctx.call.logs.createLogGroup({
        logGroupName: name,
        kmsKeyId: properties.KmsKeyId,
        logGroupClass: properties.LogGroupClass,
        deletionProtectionEnabled: properties.DeletionProtectionEnabled,
        tags: { ...tagsOf(request.tags), ...tagsOf(properties.Tags) },
      });
    } catch (error) {
      if (!isAwsError(error, "ResourceAlreadyExistsException")) throw error;
      const { tags = {} } = await ctx.call.logs.listTagsLogGroup({ logGroupName: name });
      if (
        !isMadeFor(
          request,
          Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        )
      )
        throw error;
    }
    request.made(name);
    if (properties.RetentionInDays !== undefined) await retain(ctx, name, properties.RetentionInDays);
    return identity(ctx, name);
  },

  async update(
    ctx,
    id,
    properties: LogGroupProperties & Properties,
    previous: LogGroupProperties & Properties,
    request,
  ) {
    await retain(ctx, id, properties.RetentionInDays);
    await ctx.call.logs.putLogGroupDeletionProtection({
      logGroupIdentifier: id,
      deletionProtectionEnabled: properties.DeletionProtectionEnabled ?? false,
    });
    const tags = { ...tagsOf(request.tags), ...tagsOf(properties.Tags) };
    const gone = Object.keys(tagsOf(previous.Tags)).filter((key) => !Object.hasOwn(tags, key));
    if (gone.length > 0) await ctx.call.logs.untagLogGroup({ logGroupName: id, tags: gone });
    await ctx.call.logs.tagLogGroup({ logGroupName: id, tags });
    return identity(ctx, id);
  },

  async remove(ctx, id) {
    try {
      await ctx.call.logs.deleteLogGroup({ logGroupName: id });
    } catch (error) {
      if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
