import type { Handler } from "../../../kernel/service.ts";
import { readTags, withoutTags } from "../../../kernel/tags.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { findSecret, tables, usableSecret } from "../store.ts";

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  const secret = usableSecret(ctx, input.SecretId);
  ctx.table(tables.secrets).put(secret.name, { ...secret, tags: readTags(input.Tags, secret.tags) });
  return {};
};

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  const secret = usableSecret(ctx, input.SecretId);
  ctx.table(tables.secrets).put(secret.name, { ...secret, tags: withoutTags(secret.tags, input.TagKeys) });
  return {};
};

/** Stored and returned; who may read a secret is not decided by it. @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html */
export const putResourcePolicy: Handler<Sdk, "putResourcePolicy"> = (ctx, input) => {
  const secret = usableSecret(ctx, input.SecretId);
  try {
    JSON.parse(input.ResourcePolicy);
  } catch {
    throw errors.MalformedPolicyDocumentException("This resource policy contains invalid Json.");
  }
  ctx.table(tables.secrets).put(secret.name, { ...secret, resourcePolicy: input.ResourcePolicy });
  return { ARN: secret.arn, Name: secret.name };
};

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html */
export const getResourcePolicy: Handler<Sdk, "getResourcePolicy"> = (ctx, input) => {
  const secret = findSecret(ctx, input.SecretId);
  return { ARN: secret.arn, Name: secret.name, ResourcePolicy: secret.resourcePolicy };
};

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteResourcePolicy.html */
export const deleteResourcePolicy: Handler<Sdk, "deleteResourcePolicy"> = (ctx, input) => {
  const secret = usableSecret(ctx, input.SecretId);
  ctx.table(tables.secrets).put(secret.name, { ...secret, resourcePolicy: undefined });
  return { ARN: secret.arn, Name: secret.name };
};
