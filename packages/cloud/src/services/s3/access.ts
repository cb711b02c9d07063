import type { Grant } from "@aws-sdk/client-s3";
import { partitionOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import type { AwsError } from "../../kernel/errors.ts";
import { grantsAllow, isPublicGrant, ownerEnforced } from "./acl.ts";
import { errors, noSuchBucket } from "./errors.ts";
import { canonicalId } from "./model.ts";
import type { Bucket, StoredObject } from "./model.ts";
import { evaluatePolicy, isPublicPolicy } from "./policy/evaluate.ts";
import { parsePolicy } from "./policy/document.ts";
import type { Policy } from "./policy/document.ts";
import { configurationOf, homeOf, tables } from "./store.ts";

/** A bucket that the caller may use, and the context in which its rows are. */
export interface OpenBucket {
  readonly bucket: Bucket;
  readonly home: Context;
}

/** Values of a request that a policy's conditions may ask for, by condition key in lower case. */
export type ConditionValues = Readonly<Record<string, string | undefined>>;

/** What a caller wants to do. */
export interface Wish {
  /** `s3:GetObject` */
  readonly action: string;
  readonly bucket: string;
  /** The object that it is about; undefined if it is about the bucket. */
  readonly key?: string | undefined;
  /** `x-amz-expected-bucket-owner` */
  readonly expectedOwner?: string | undefined;
  readonly values?: ConditionValues;
  /** The object's own grants, where the action is one that an object's ACL can allow. */
  readonly grants?: () => readonly Grant[] | undefined;
  /** The object's tags, for policies that ask for them. */
  readonly tags?: () => Readonly<Record<string, string>> | undefined;
}

/** @throws AwsError `AccessDenied` for callers without an account */
export function requireAccount(ctx: Context): void {
  if (ctx.principal.type === "anonymous") throw errors.AccessDenied("Access Denied");
}

/** @throws AwsError `NoSuchBucket` */
export function findBucket(ctx: Context, name: string): Bucket {
  const bucket = ctx.table(tables.buckets).get(name);
  if (bucket === undefined) throw noSuchBucket(name);
  return bucket;
}

export function bucketArn(bucket: Pick<Bucket, "name" | "region">): string {
  return `arn:${partitionOf(bucket.region)}:s3:::${bucket.name}`;
}

export function policyOf(home: Context, bucket: Bucket): Policy | undefined {
  const text = configurationOf(home, bucket.name, "policy")?.text;
  return text === undefined ? undefined : parsePolicy(text, bucket.name);
}

/** What bucket ACLs allow, by action. */
const bucketAclActions: Readonly<Record<string, "READ" | "WRITE" | "READ_ACP" | "WRITE_ACP" | undefined>> = {
  "s3:ListBucket": "READ",
  "s3:ListBucketVersions": "READ",
  "s3:ListBucketMultipartUploads": "READ",
  "s3:PutObject": "WRITE",
  "s3:GetBucketAcl": "READ_ACP",
  "s3:PutBucketAcl": "WRITE_ACP",
};

/** What object ACLs allow, by action. */
const objectAclActions: Readonly<Record<string, "READ" | "READ_ACP" | "WRITE_ACP" | undefined>> = {
  "s3:GetObject": "READ",
  "s3:GetObjectVersion": "READ",
  "s3:GetObjectAcl": "READ_ACP",
  "s3:GetObjectVersionAcl": "READ_ACP",
  "s3:PutObjectAcl": "WRITE_ACP",
  "s3:PutObjectVersionAcl": "WRITE_ACP",
};

/**
 * Whether the caller may do this. In the bucket's own account everybody but anonymous callers may: what a user's own
 * policies say is not evaluated. Everybody else needs the bucket's policy or an ACL, as far as Block Public Access and
 * Object Ownership let those count.
 */
function isAllowed(ctx: Context, { bucket, home }: OpenBucket, wish: Wish): boolean {
  const { type, arn } = ctx.principal;
  const anonymous = type === "anonymous";
  if (type === "service" || (!anonymous && ctx.account === bucket.account)) return true;
  const block = bucket.publicAccessBlock ?? {};
  const caller = { anonymous, canonicalId: anonymous ? "" : canonicalId(ctx.account) };

  const policy = policyOf(home, bucket);
  const ignored = policy !== undefined && block.RestrictPublicBuckets === true && isPublicPolicy(policy);
  const decision =
    policy === undefined
      ? "silent"
      : evaluatePolicy(policy, {
          principal: anonymous
            ? { type: "anonymous" }
            : { type: "aws", arn, account: ctx.account, canonicalId: caller.canonicalId },
          action: wish.action,
          resource: bucketArn(bucket) + (wish.key === undefined ? "" : `/${wish.key}`),
          value: (key) => conditionValue(ctx, wish, key),
        });
  if (decision === "deny") return false;
  if (decision === "allow" && !ignored) return true;

  if (ownerEnforced(bucket)) return false;
  const counted = (grants: readonly Grant[]) =>
    block.IgnorePublicAcls === true ? grants.filter((grant) => !isPublicGrant(grant)) : grants;
  const onBucket = bucketAclActions[wish.action];
  if (onBucket !== undefined) return grantsAllow(counted(bucket.grants), caller, onBucket);
  const onObject = objectAclActions[wish.action];
  return onObject !== undefined && grantsAllow(counted(wish.grants?.() ?? []), caller, onObject);
}

function conditionValue(ctx: Context, wish: Wish, key: string): readonly string[] | undefined {
  const value = wish.values?.[key] ?? requestValue(ctx, key);
  if (value !== undefined) return [value];
  const tag = /^s3:existingobjecttag\/(?<name>.+)$/.exec(key)?.groups?.["name"];
  if (tag === undefined) return undefined;
  const found = Object.entries(wish.tags?.() ?? {}).find(([name]) => name.toLowerCase() === tag);
  return found === undefined ? undefined : [found[1]];
}

function requestValue(ctx: Context, key: string): string | undefined {
  const { type, arn, userId } = ctx.principal;
  switch (key) {
    case "aws:securetransport":
      // The loopback address stands for AWS's https endpoint. A website, which has none, says so itself.
      return "true";
    case "aws:sourceip":
      return "127.0.0.1";
    case "aws:currenttime":
      return new Date(ctx.now).toISOString();
    case "aws:epochtime":
      return String(Math.floor(ctx.now / 1000));
    case "aws:principaltype":
      return type === "anonymous"
        ? "Anonymous"
        : type === "root"
          ? "Account"
          : type === "user"
            ? "User"
            : "AssumedRole";
    case "aws:principalarn":
      return type === "anonymous"
        ? undefined
        : arn.replace(/^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, "arn:$1:iam::$2:role/$3");
    case "aws:principalaccount":
      return type === "anonymous" ? undefined : ctx.account;
    case "aws:userid":
      return type === "anonymous" ? undefined : userId;
    case "aws:username":
      return type === "user" ? arn.split("/").at(-1) : undefined;
    case "aws:requestedregion":
      return ctx.region;
    default:
      return undefined;
  }
}

function denied(ctx: Context, { bucket }: OpenBucket, { action, key }: Wish): AwsError {
  if (ctx.principal.type === "anonymous") return errors.AccessDenied("Access Denied");
  const resource = bucketArn(bucket) + (key === undefined ? "" : `/${key}`);
  return errors.AccessDenied(
    `User: ${ctx.principal.arn} is not authorized to perform: ${action} on resource: "${resource}" because no resource-based policy allows the ${action} action`,
  );
}

/**
 * The bucket, if the caller may do this.
 *
 * @throws AwsError `NoSuchBucket`, `AccessDenied`
 */
export function openBucket(ctx: Context, wish: Wish): OpenBucket {
  const bucket = findBucket(ctx, wish.bucket);
  if (wish.expectedOwner !== undefined && wish.expectedOwner !== bucket.account)
    throw errors.AccessDenied("Access Denied");
  const open = { bucket, home: homeOf(ctx, bucket) };
  if (!isAllowed(ctx, open, wish)) throw denied(ctx, open, wish);
  return open;
}

/**
 * The bucket and an object to read. Who may not list the bucket is not told that an object is missing.
 *
 * @param find - finds the object in the bucket
 * @throws AwsError `NoSuchBucket`, `NoSuchKey`, `AccessDenied`, and what `find` throws
 */
export function openObject(
  ctx: Context,
  wish: Wish & { readonly key: string },
  find: (open: OpenBucket) => StoredObject,
): OpenBucket & { readonly object: StoredObject } {
  const bucket = findBucket(ctx, wish.bucket);
  if (wish.expectedOwner !== undefined && wish.expectedOwner !== bucket.account)
    throw errors.AccessDenied("Access Denied");
  const open = { bucket, home: homeOf(ctx, bucket) };
  let object: StoredObject;
  try {
    object = find(open);
  } catch (error) {
    if (!isAllowed(ctx, open, wish) || !isAllowed(ctx, open, { action: "s3:ListBucket", bucket: wish.bucket }))
      throw denied(ctx, open, wish);
    throw error;
  }
  const allowed = isAllowed(ctx, open, { ...wish, grants: () => object.grants ?? [], tags: () => object.tags });
  if (!allowed) throw denied(ctx, open, wish);
  return { ...open, object };
}

/** What a website does: its readers may know that an object is missing if they might have read it. */
export function mayRead(
  ctx: Context,
  open: OpenBucket,
  key: string,
  object: StoredObject | undefined,
  values: ConditionValues,
): boolean {
  return isAllowed(ctx, open, {
    action: "s3:GetObject",
    bucket: open.bucket.name,
    key,
    values,
    grants: () => object?.grants,
    tags: () => object?.tags,
  });
}
