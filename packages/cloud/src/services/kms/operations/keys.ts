import type { KeyMetadata } from "@aws-sdk/client-kms";
import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { readTags, withoutTags } from "../../../kernel/tags.ts";
import { errors } from "../errors.ts";
import type { Key } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findKey, newKey, saveKey, tables } from "../store.ts";

const dayMs = 86_400_000;

const date = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));

function metadataOf(ctx: Context, key: Key): KeyMetadata {
  return {
    AWSAccountId: ctx.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: new Date(key.createdAt),
    Enabled: key.state === "Enabled",
    Description: key.description,
    KeyUsage: "ENCRYPT_DECRYPT",
    KeyState: key.state,
    DeletionDate: date(key.deletionDueAt),
    Origin: "AWS_KMS",
    KeyManager: key.manager,
    CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
    KeySpec: "SYMMETRIC_DEFAULT",
    EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    MultiRegion: false,
  };
}

function readPolicy(policy: string): string {
  try {
    JSON.parse(policy);
  } catch {
    throw errors.MalformedPolicyDocumentException("The key policy is not valid JSON.");
  }
  return policy;
}

/** KMS names the two parts of a tag in its own way. */
const plainTags = (
  tags: readonly { readonly TagKey?: string | undefined; readonly TagValue?: string | undefined }[] | undefined,
) => tags?.map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue }));

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export const createKey: Handler<Sdk, "createKey"> = (ctx, input) => {
  const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? "SYMMETRIC_DEFAULT";
  const unsupported =
    (spec !== "SYMMETRIC_DEFAULT" && `KeySpec ${spec}`) ||
    ((input.KeyUsage ?? "ENCRYPT_DECRYPT") !== "ENCRYPT_DECRYPT" && `KeyUsage ${input.KeyUsage}`) ||
    ((input.Origin ?? "AWS_KMS") !== "AWS_KMS" && `Origin ${input.Origin}`) ||
    (input.MultiRegion === true && "MultiRegion") ||
    (input.CustomKeyStoreId !== undefined && "CustomKeyStoreId");
  if (unsupported)
    throw errors.UnsupportedOperationException(
      `Trysail has symmetric keys of one region with its own material: ${unsupported} is not supported.`,
    );
  const key = newKey(ctx, {
    description: input.Description ?? "",
    manager: "CUSTOMER",
    tags: readTags(plainTags(input.Tags)),
    ...(input.Policy !== undefined && { policy: readPolicy(input.Policy) }),
  });
  saveKey(ctx, key);
  return { KeyMetadata: metadataOf(ctx, key) };
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
export const describeKey: Handler<Sdk, "describeKey"> = (ctx, input) => ({
  KeyMetadata: metadataOf(ctx, findKey(ctx, input.KeyId)),
});

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html */
export const listKeys: Handler<Sdk, "listKeys"> = (ctx, input) => {
  const { items, next } = pageOf(
    (options: { after?: string }) => ctx.table(tables.keys).entries(options),
    input.Marker,
    input.Limit ?? 100,
    errors.InvalidMarkerException,
  );
  return {
    Keys: items.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })),
    NextMarker: next,
    Truncated: next !== undefined,
  };
};

function change(ctx: Context, keyId: string, changed: (key: Key) => Partial<Key>): Key {
  const key = findKey(ctx, keyId);
  const next = { ...key, ...changed(key) };
  saveKey(ctx, next);
  return next;
}

function notPendingDeletion(key: Key): void {
  if (key.state === "PendingDeletion") throw errors.KMSInvalidStateException(`${key.arn} is pending deletion.`);
}

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html */
export const enableKey: Handler<Sdk, "enableKey"> = (ctx, input) => {
  change(ctx, input.KeyId, (key) => (notPendingDeletion(key), { state: "Enabled" }));
  return {};
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html */
export const disableKey: Handler<Sdk, "disableKey"> = (ctx, input) => {
  change(ctx, input.KeyId, (key) => (notPendingDeletion(key), { state: "Disabled" }));
  return {};
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html */
export const updateKeyDescription: Handler<Sdk, "updateKeyDescription"> = (ctx, input) => {
  change(ctx, input.KeyId, () => ({ description: input.Description }));
  return {};
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
export const scheduleKeyDeletion: Handler<Sdk, "scheduleKeyDeletion"> = (ctx, input) => {
  const days = input.PendingWindowInDays ?? 30;
  if (days < 7 || days > 30) throw errors.ValidationException("PendingWindowInDays must be between 7 and 30.");
  const key = change(
    ctx,
    input.KeyId,
    (found) => (notPendingDeletion(found), { state: "PendingDeletion", deletionDueAt: ctx.now + days * dayMs }),
  );
  return {
    KeyId: key.arn,
    DeletionDate: date(key.deletionDueAt),
    KeyState: "PendingDeletion",
    PendingWindowInDays: days,
  };
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html */
export const cancelKeyDeletion: Handler<Sdk, "cancelKeyDeletion"> = (ctx, input) => {
  const key = change(ctx, input.KeyId, (found) => {
    if (found.state !== "PendingDeletion")
      throw errors.KMSInvalidStateException(`${found.arn} is not pending deletion.`);
    return { state: "Disabled", deletionDueAt: undefined };
  });
  return { KeyId: key.arn };
};

/** Stored and returned; it does not decide who may use the key. @see https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html */
export const putKeyPolicy: Handler<Sdk, "putKeyPolicy"> = (ctx, input) => {
  change(ctx, input.KeyId, () => ({ policy: readPolicy(input.Policy) }));
  return {};
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html */
export const getKeyPolicy: Handler<Sdk, "getKeyPolicy"> = (ctx, input) => ({
  Policy: findKey(ctx, input.KeyId).policy,
  PolicyName: "default",
});

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html */
export const listKeyPolicies: Handler<Sdk, "listKeyPolicies"> = (ctx, input) => {
  findKey(ctx, input.KeyId);
  return { PolicyNames: ["default"], Truncated: false };
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html */
export const enableKeyRotation: Handler<Sdk, "enableKeyRotation"> = (ctx, input) => {
  const periodDays = input.RotationPeriodInDays ?? 365;
  if (periodDays < 90 || periodDays > 2560)
    throw errors.ValidationException("RotationPeriodInDays must be between 90 and 2560.");
  change(ctx, input.KeyId, () => ({ rotation: { periodDays, nextAt: ctx.now + periodDays * dayMs } }));
  return {};
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html */
export const disableKeyRotation: Handler<Sdk, "disableKeyRotation"> = (ctx, input) => {
  change(ctx, input.KeyId, () => ({ rotation: undefined }));
  return {};
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html */
export const getKeyRotationStatus: Handler<Sdk, "getKeyRotationStatus"> = (ctx, input) => {
  const { arn, rotation } = findKey(ctx, input.KeyId);
  return {
    KeyId: arn,
    KeyRotationEnabled: rotation !== undefined,
    RotationPeriodInDays: rotation?.periodDays,
    NextRotationDate: date(rotation?.nextAt),
  };
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html */
export const rotateKeyOnDemand: Handler<Sdk, "rotateKeyOnDemand"> = (ctx, input) => {
  const key = change(ctx, input.KeyId, ({ materials }) => ({
    materials: [...materials, { bytes: ctx.ids.bytes(32), createdAt: ctx.now, onDemand: true }],
  }));
  return { KeyId: key.arn };
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  change(ctx, input.KeyId, ({ tags }) => ({ tags: readTags(plainTags(input.Tags), tags) }));
  return {};
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  change(ctx, input.KeyId, ({ tags }) => ({
    tags: withoutTags(tags, input.TagKeys),
  }));
  return {};
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html */
export const listResourceTags: Handler<Sdk, "listResourceTags"> = (ctx, input) => ({
  Tags: Object.entries(findKey(ctx, input.KeyId).tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
  Truncated: false,
});
