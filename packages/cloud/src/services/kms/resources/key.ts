import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import type { Context } from "../../../kernel/context.ts";

interface KeyProperties extends Properties {
  readonly Description?: string;
  readonly Enabled?: boolean;
  readonly EnableKeyRotation?: boolean;
  readonly RotationPeriodInDays?: number;
  readonly KeyPolicy?: object;
  readonly KeySpec?: string;
  readonly KeyUsage?: string;
  readonly MultiRegion?: boolean;
  readonly Origin?: string;
  readonly PendingWindowInDays?: number;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** Brings what can be changed after creation in line with the properties. */
async function settle(ctx: Context, KeyId: string, properties: KeyProperties): Promise<void> {
  const { kms } = ctx.call;
  if (properties.EnableKeyRotation === true)
    await kms.enableKeyRotation({ KeyId, RotationPeriodInDays: properties.RotationPeriodInDays });
  else await kms.disableKeyRotation({ KeyId });
  if (properties.Enabled === false) await kms.disableKey({ KeyId });
  else await kms.enableKey({ KeyId });
}

const tagsOf = (tags: KeyProperties["Tags"]) =>
  (tags ?? []).map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value }));

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html */
export const key: ResourceType = {
  properties: [
    "Description",
    "Enabled",
    "EnableKeyRotation",
    "KeyPolicy",
    "KeySpec",
    "KeyUsage",
    "MultiRegion",
    "Origin",
    "PendingWindowInDays",
    "RotationPeriodInDays",
    "Tags",
  ],
  replacedBy: ["KeySpec", "KeyUsage", "MultiRegion", "Origin"],

  async create(ctx, properties: KeyProperties, request) {
    const { KeyMetadata } = await ctx.call.kms.createKey({
      Description: properties.Description,
      Policy: properties.KeyPolicy && JSON.stringify(properties.KeyPolicy),
      KeySpec: properties.KeySpec as "SYMMETRIC_DEFAULT",
      KeyUsage: properties.KeyUsage as "ENCRYPT_DECRYPT",
      MultiRegion: properties.MultiRegion,
      Origin: properties.Origin as "AWS_KMS",
      Tags: tagsOf([...request.tags, ...(properties.Tags ?? [])]),
    });
    const { KeyId: id = "", Arn } = KeyMetadata ?? {};
    await settle(ctx, id, properties);
    return { status: "done", id, attributes: { Arn, KeyId: id } };
  },

  async update(ctx, id, properties: KeyProperties, _previous, request) {
    const { kms } = ctx.call;
    await kms.updateKeyDescription({ KeyId: id, Description: properties.Description ?? "" });
    if (properties.KeyPolicy !== undefined)
      await kms.putKeyPolicy({ KeyId: id, Policy: JSON.stringify(properties.KeyPolicy) });
    await settle(ctx, id, properties);
    const tags = tagsOf([...request.tags, ...(properties.Tags ?? [])]);
    const { Tags: existing = [] } = await kms.listResourceTags({ KeyId: id });
    const gone = existing.flatMap(({ TagKey }) =>
      TagKey === undefined || tags.some((tag) => tag.TagKey === TagKey) ? [] : [TagKey],
    );
    if (gone.length > 0) await kms.untagResource({ KeyId: id, TagKeys: gone });
    if (tags.length > 0) await kms.tagResource({ KeyId: id, Tags: tags });
    const { KeyMetadata } = await kms.describeKey({ KeyId: id });
    return { status: "done", id, attributes: { Arn: KeyMetadata?.Arn, KeyId: id } };
  },

  async remove(ctx, id, properties: KeyProperties) {
    try {
      await ctx.call.kms.scheduleKeyDeletion({ KeyId: id, PendingWindowInDays: properties.PendingWindowInDays });
    } catch (error) {
      if (!isAwsError(error, "NotFoundException", "KMSInvalidStateException")) throw error;
    }
    return { status: "done" };
  },
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-alias.html */
export const alias: ResourceType = {
  properties: ["AliasName", "TargetKeyId"],
  required: ["AliasName", "TargetKeyId"],
  replacedBy: ["AliasName"],

  async create(ctx, properties: Properties) {
    const { AliasName, TargetKeyId } = properties as { AliasName: string; TargetKeyId: string };
    await ctx.call.kms.createAlias({ AliasName, TargetKeyId });
    return { status: "done", id: AliasName, attributes: {} };
  },

  async update(ctx, id, properties) {
    await ctx.call.kms.updateAlias({ AliasName: id, TargetKeyId: properties["TargetKeyId"] as string });
    return { status: "done", id, attributes: {} };
  },

  async remove(ctx, id) {
    try {
      await ctx.call.kms.deleteAlias({ AliasName: id });
    } catch (error) {
      if (!isAwsError(error, "NotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
