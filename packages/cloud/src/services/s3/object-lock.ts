import type { Millis } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { errors, invalidArgument } from "./errors.ts";
import type { Bucket, ObjectLock, Version } from "./model.ts";
import { configurationOf } from "./store.ts";

/** How a request that writes an object may lock it. */
export interface LockInput {
  readonly ObjectLockMode?: string | undefined;
  readonly ObjectLockRetainUntilDate?: Date | undefined;
  readonly ObjectLockLegalHoldStatus?: string | undefined;
}

const dayMs = 24 * 60 * 60 * 1000;

/** @throws AwsError `InvalidRequest` if the bucket was created without Object Lock */
export function requireLockable(bucket: Bucket): void {
  if (!bucket.objectLock) throw errors.InvalidRequest("Bucket is missing Object Lock Configuration");
}

export function readRetention(
  mode: string | undefined,
  until: Date | undefined,
  now: Millis,
): Pick<ObjectLock, "mode" | "retainUntil"> {
  if ((mode === undefined) !== (until === undefined)) {
    throw invalidArgument(
      "x-amz-object-lock-mode",
      mode,
      "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
    );
  }
  if (mode === undefined || until === undefined) return { mode: undefined, retainUntil: undefined };
  if (mode !== "GOVERNANCE" && mode !== "COMPLIANCE")
    throw invalidArgument("x-amz-object-lock-mode", mode, "Unknown wormMode directive");
  if (until.getTime() <= now)
    throw invalidArgument(
      "x-amz-object-lock-retain-until-date",
      until.toISOString(),
      "The retain until date must be in the future!",
    );
  return { mode, retainUntil: until.getTime() };
}

/** The lock that a new version gets: what its request says, or the bucket's default. */
export function lockOf(home: Context, bucket: Bucket, input: LockInput): ObjectLock | undefined {
  const asked = input.ObjectLockMode ?? input.ObjectLockRetainUntilDate ?? input.ObjectLockLegalHoldStatus;
  if (asked === undefined && !bucket.objectLock) return undefined;
  requireLockable(bucket);
  const { ObjectLockLegalHoldStatus: hold } = input;
  if (hold !== undefined && hold !== "ON" && hold !== "OFF") {
    throw invalidArgument("x-amz-object-lock-legal-hold", hold, "Legal Hold must be either of 'ON' or 'OFF'");
  }
  const own = readRetention(input.ObjectLockMode, input.ObjectLockRetainUntilDate, home.now);
  const retention = own.mode === undefined ? defaultRetention(home, bucket) : own;
  return { ...retention, legalHold: hold === "ON" };
}

function defaultRetention(home: Context, bucket: Bucket): Pick<ObjectLock, "mode" | "retainUntil"> {
  const {
    Mode: mode,
    Days: days,
    Years: years,
  } = configurationOf(home, bucket.name, "object-lock")?.Rule?.DefaultRetention ?? {};
  if (mode === undefined) return { mode: undefined, retainUntil: undefined };
  return { mode, retainUntil: home.now + (days ?? (years ?? 0) * 365) * dayMs };
}

/**
 * Refuses to delete, or to unlock, a version that is locked.
 *
 * @param bypass - `x-amz-bypass-governance-retention`
 * @throws AwsError `AccessDenied`
 */
export function requireUnlocked(version: Version, now: Millis, bypass: boolean): void {
  if (version.deleteMarker || version.lock === undefined) return;
  const { mode, retainUntil, legalHold } = version.lock;
  const retained = retainUntil !== undefined && retainUntil > now && !(mode === "GOVERNANCE" && bypass);
  if (legalHold || retained) throw errors.AccessDenied("Access Denied because object protected by object lock.");
}
