import type { Millis } from "@trysail/core";
import type { Principal } from "../../kernel/context.ts";

/** Credentials that end. */
export interface Session {
  /** `ASIA…` */
  readonly accessKeyId: string;
  readonly secret: string;
  readonly token: string;
  readonly account: string;
  readonly principal: Principal;
  readonly expiresAt: Millis;
}

/** Ended credentials are kept for this long, so that their user is told that they have expired. */
export const keptAfterExpiryMs = 24 * 3600_000;

/** The parts of a role's ARN: `arn:aws:iam::123456789012:role/path/name`. Undefined if it is none. */
export function parseRoleArn(arn: string): { readonly account: string; readonly name: string } | undefined {
  const match = /^arn:aws[a-z-]*:iam::(?<account>\d{12}):role\/([^/]+\/)*(?<name>[\w+=,.@-]+)$/.exec(arn);
  if (match?.groups === undefined) return undefined;
  const { account = "", name = "" } = match.groups;
  return { account, name };
}

/** `arn:aws:sts::123456789012:assumed-role/name/session` */
export function assumedRoleArn(roleArn: string, name: string, session: string): string {
  return `${roleArn.replace(":iam:", ":sts:").replace(/:role\/.*$/, "")}:assumed-role/${name}/${session}`;
}
