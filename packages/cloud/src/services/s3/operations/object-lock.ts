import type { Handler } from "../../../kernel/service.ts";
import { errors, malformedXml } from "../errors.ts";
import type { ObjectLock } from "../model.ts";
import { readRetention, requireLockable } from "../object-lock.ts";
import type { Sdk } from "../sdk.ts";
import { configurationOf, tables } from "../store.ts";
import { updateVersion } from "../versions.ts";
import { openSetting } from "../settings.ts";
import { openVersion } from "../open-version.ts";

const unlocked: ObjectLock = { mode: undefined, retainUntil: undefined, legalHold: false };

function notLocked() {
  return errors.NoSuchObjectLockConfiguration("The specified object does not have a ObjectLock configuration");
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLockConfiguration.html */
export const getObjectLockConfiguration: Handler<Sdk, "getObjectLockConfiguration"> = (ctx, input) => {
  const { bucket, home } = openSetting(ctx, "s3:GetBucketObjectLockConfiguration", input);
  const configuration = configurationOf(home, bucket.name, "object-lock");
  if (configuration === undefined) {
    throw errors.ObjectLockConfigurationNotFoundError("Object Lock configuration does not exist for this bucket", {
      BucketName: bucket.name,
    });
  }
  return { ObjectLockConfiguration: configuration };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html */
export const putObjectLockConfiguration: Handler<Sdk, "putObjectLockConfiguration"> = (ctx, input) => {
  const { bucket, home } = openSetting(ctx, "s3:PutBucketObjectLockConfiguration", input);
  const { ObjectLockConfiguration: configuration } = input;
  if (bucket.versioning !== "Enabled") {
    throw errors.InvalidBucketState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
  }
  const retention = configuration?.Rule?.DefaultRetention;
  if (configuration?.ObjectLockEnabled !== "Enabled") throw malformedXml();
  if (configuration.Rule !== undefined) {
    const { Mode: mode, Days: days, Years: years } = retention ?? {};
    const period = days ?? years;
    if (mode === undefined || period === undefined || (days !== undefined && years !== undefined)) throw malformedXml();
    if (period <= 0) throw errors.InvalidArgument("Default retention period must be a positive integer value.");
  }
  home.table(tables.configurations).put([bucket.name, "object-lock", ""], configuration);
  home.table(tables.buckets).put(bucket.name, { ...bucket, objectLock: true });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectRetention.html */
export const getObjectRetention: Handler<Sdk, "getObjectRetention"> = (ctx, input) => {
  const { bucket, object } = openVersion(ctx, "s3:GetObjectRetention", input);
  requireLockable(bucket);
  const { mode, retainUntil } = object.lock ?? unlocked;
  if (mode === undefined || retainUntil === undefined) throw notLocked();
  return { Retention: { Mode: mode, RetainUntilDate: new Date(retainUntil) } };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html */
export const putObjectRetention: Handler<Sdk, "putObjectRetention"> = (ctx, input) => {
  const { bucket, home, object } = openVersion(ctx, "s3:PutObjectRetention", input);
  requireLockable(bucket);
  const next = readRetention(input.Retention?.Mode, input.Retention?.RetainUntilDate, ctx.now);
  const { mode, retainUntil } = object.lock ?? unlocked;
  const active = retainUntil !== undefined && retainUntil > ctx.now;
  // A compliant retention can only be prolonged; a governed one can be weakened by those who may bypass it.
  const weaker =
    next.retainUntil === undefined ||
    next.retainUntil < (retainUntil ?? 0) ||
    (mode === "COMPLIANCE" && next.mode !== "COMPLIANCE");
  const bypassed = mode === "GOVERNANCE" && input.BypassGovernanceRetention === true;
  if (active && weaker && !bypassed)
    throw errors.AccessDenied("Access Denied because object protected by object lock.");
  updateVersion(home, bucket, input.Key, { ...object, lock: { ...(object.lock ?? unlocked), ...next } });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectLegalHold.html */
export const getObjectLegalHold: Handler<Sdk, "getObjectLegalHold"> = (ctx, input) => {
  const { bucket, object } = openVersion(ctx, "s3:GetObjectLegalHold", input);
  requireLockable(bucket);
  if (object.lock === undefined) throw notLocked();
  return { LegalHold: { Status: object.lock.legalHold ? "ON" : "OFF" } };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLegalHold.html */
export const putObjectLegalHold: Handler<Sdk, "putObjectLegalHold"> = (ctx, input) => {
  const { bucket, home, object } = openVersion(ctx, "s3:PutObjectLegalHold", input);
  requireLockable(bucket);
  const status = input.LegalHold?.Status;
  if (status !== "ON" && status !== "OFF") throw malformedXml();
  updateVersion(home, bucket, input.Key, {
    ...object,
    lock: { ...(object.lock ?? unlocked), legalHold: status === "ON" },
  });
  return {};
};
