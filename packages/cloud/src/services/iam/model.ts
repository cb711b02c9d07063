import { partitionOf } from "@trysail/core";
import type { Millis } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";

export type Tags = Readonly<Record<string, string>>;

/** What users, groups and roles have in common: they bear policies. */
export interface Identity {
  readonly name: string;
  /** Begins and ends with a slash. */
  readonly path: string;
  /** `AIDA…` of a user, `AGPA…` of a group, `AROA…` of a role. */
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Millis;
  /** Inline policies: document by name. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of attached managed policies, in the order of attaching. */
  readonly attached: readonly string[];
}

export interface User extends Identity {
  readonly tags: Tags;
  readonly boundary: string | undefined;
  /** Keys of the groups that it is a member of. */
  readonly groups: readonly string[];
}

export type Group = Identity;

export interface Role extends Identity {
  readonly tags: Tags;
  readonly boundary: string | undefined;
  readonly trustPolicy: string;
  readonly description: string | undefined;
  readonly maxSessionSeconds: number;
}

export interface IdentityOf {
  readonly user: User;
  readonly group: Group;
  readonly role: Role;
}

export type IdentityKind = keyof IdentityOf;

export interface PolicyVersion {
  /** `v1` */
  readonly id: string;
  readonly document: string;
  readonly createdAt: Millis;
}

/** A customer managed policy. */
export interface Policy {
  readonly name: string;
  readonly path: string;
  /** `ANPA…` */
  readonly id: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly createdAt: Millis;
  readonly updatedAt: Millis;
  /** From the oldest to the newest; at most {@link maxPolicyVersions}. */
  readonly versions: readonly PolicyVersion[];
  readonly defaultVersion: string;
  /** The number of the newest version there ever was: numbers are not used again. */
  readonly lastVersion: number;
  readonly tags: Tags;
}

export interface InstanceProfile {
  readonly name: string;
  readonly path: string;
  /** `AIPA…` */
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Millis;
  /** Key of its role. */
  readonly role: string | undefined;
  readonly tags: Tags;
}

/** A certificate for TLS, with its key, which no operation tells. */
export interface ServerCertificate {
  readonly name: string;
  readonly path: string;
  /** `ASCA…` */
  readonly id: string;
  readonly arn: string;
  readonly uploadedAt: Millis;
  readonly expiresAt: Millis;
  /** PEM, as is all that follows. */
  readonly body: string;
  readonly chain: string | undefined;
  readonly privateKey: string;
  readonly tags: Tags;
}

/** A long-term access key. */
export interface AccessKey {
  /** `AKIA…` */
  readonly id: string;
  readonly secret: string;
  readonly account: string;
  /** Key of its user; undefined for a key of the account's root. */
  readonly user: string | undefined;
  readonly status: "Active" | "Inactive";
  readonly createdAt: Millis;
}

/** Quotas of an account that has not asked for more. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const maxPolicyVersions = 5;
export const maxAttachedPolicies = 10;
export const maxAccessKeys = 2;
export const maxGroupsOfUser = 10;
export const maxServerCertificates = 20;
/** In characters without white space. */
export const maxManagedPolicySize = 6144;
export const maxInlinePoliciesSize: Readonly<Record<IdentityKind, number>> = { user: 2048, group: 5120, role: 10_240 };
export const maxTrustPolicySize = 2048;

/** Names that differ by case only are the same name. */
export function keyOf(name: string): string {
  return name.toLowerCase();
}

/** `arn:aws:iam::123456789012:role/path/name` */
export function arnOf(ctx: Pick<Context, "account" | "region">, kind: string, path: string, name: string): string {
  return `arn:${partitionOf(ctx.region)}:iam::${ctx.account}:${kind}${path}${name}`;
}

const idPrefixes = {
  user: "AIDA",
  group: "AGPA",
  role: "AROA",
  policy: "ANPA",
  "instance-profile": "AIPA",
  "server-certificate": "ASCA",
} as const;

/** A unique id as AWS makes it: four letters of kind and seventeen more. */
export function uniqueId(ctx: Pick<Context, "ids">, kind: keyof typeof idPrefixes): string {
  return `${idPrefixes[kind]}${ctx.ids.text(17, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`;
}

/** A percent-encoding of everything but RFC 3986's unreserved characters: how AWS gives back policy documents. */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
