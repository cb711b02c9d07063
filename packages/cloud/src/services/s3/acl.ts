import type { AccessControlPolicy, Grant, Permission } from "@aws-sdk/client-s3";
import { errors, invalidArgument } from "./errors.ts";
import { canonicalId } from "./model.ts";
import type { Bucket } from "./model.ts";

const allUsers = "http://acs.amazonaws.com/groups/global/AllUsers";
const authenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const logDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";
const groups = [allUsers, authenticatedUsers, logDelivery];
const permissions: readonly Permission[] = ["FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP"];

/** How a request may give an ACL: a canned one, headers with grants, or a document. */
export interface AclInput {
  readonly ACL?: string | undefined;
  readonly AccessControlPolicy?: AccessControlPolicy | undefined;
  readonly GrantFullControl?: string | undefined;
  readonly GrantRead?: string | undefined;
  readonly GrantReadACP?: string | undefined;
  readonly GrantWrite?: string | undefined;
  readonly GrantWriteACP?: string | undefined;
}

const toGroup = (URI: string, Permission: Permission): Grant => ({ Grantee: { Type: "Group", URI }, Permission });

function toAccount(account: string): Grant {
  return { Grantee: { Type: "CanonicalUser", ID: canonicalId(account) }, Permission: "FULL_CONTROL" };
}

/** Full control for the owner, which is what everything has that was given no ACL. */
export function privateGrants(account: string): readonly Grant[] {
  return [toAccount(account)];
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl */
function cannedGrants(name: string, owner: string): readonly Grant[] {
  const own = toAccount(owner);
  switch (name) {
    case "private":
    case "bucket-owner-full-control":
    case "bucket-owner-read":
    case "aws-exec-read":
      return [own];
    case "public-read":
      return [own, toGroup(allUsers, "READ")];
    case "public-read-write":
      return [own, toGroup(allUsers, "READ"), toGroup(allUsers, "WRITE")];
    case "authenticated-read":
      return [own, toGroup(authenticatedUsers, "READ")];
    case "log-delivery-write":
      return [own, toGroup(logDelivery, "WRITE"), toGroup(logDelivery, "READ_ACP")];
    default:
      throw invalidArgument("x-amz-acl", name, "");
  }
}

/** `id="…", uri="…"` */
function headerGrants(header: string | undefined, permission: Permission): readonly Grant[] {
  if (header === undefined) return [];
  return header.split(",").map((part) => {
    const { kind, value = "" } =
      /^\s*(?<kind>id|uri|emailAddress)\s*=\s*"?(?<value>[^"]*)"?\s*$/.exec(part)?.groups ?? {};
    if (kind === "id") return { Grantee: { Type: "CanonicalUser" as const, ID: value }, Permission: permission };
    if (kind === "uri" && groups.includes(value)) return toGroup(value, permission);
    throw invalidArgument("x-amz-grant", part, kind === "uri" ? "Invalid group uri" : "Argument format not recognized");
  });
}

function documentGrants({ Grants, Owner }: AccessControlPolicy): readonly Grant[] {
  if (Owner?.ID === undefined)
    throw errors.MalformedACLError(
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  for (const { Grantee, Permission } of Grants ?? []) {
    const known =
      Grantee?.Type === "Group"
        ? groups.includes(Grantee.URI ?? "")
        : Grantee?.Type === "CanonicalUser" && Grantee.ID !== undefined;
    if (!known || Permission === undefined || !permissions.includes(Permission)) {
      throw errors.MalformedACLError(
        "The XML you provided was not well-formed or did not validate against our published schema",
      );
    }
  }
  return Grants ?? [];
}

/** The grants that a request asks for; undefined if it asks for none. */
export function requestedGrants(input: AclInput, owner: string): readonly Grant[] | undefined {
  const fromHeaders = [
    ...headerGrants(input.GrantFullControl, "FULL_CONTROL"),
    ...headerGrants(input.GrantRead, "READ"),
    ...headerGrants(input.GrantReadACP, "READ_ACP"),
    ...headerGrants(input.GrantWrite, "WRITE"),
    ...headerGrants(input.GrantWriteACP, "WRITE_ACP"),
  ];
  if (input.ACL !== undefined) {
    if (fromHeaders.length > 0)
      throw errors.InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed");
    return cannedGrants(input.ACL, owner);
  }
  if (fromHeaders.length > 0) return fromHeaders;
  return input.AccessControlPolicy === undefined ? undefined : documentGrants(input.AccessControlPolicy);
}

export function isPublicGrant({ Grantee }: Grant): boolean {
  return Grantee?.Type === "Group" && (Grantee.URI === allUsers || Grantee.URI === authenticatedUsers);
}

/** Whether the bucket's owner owns everything in it, so that ACLs mean nothing. */
export function ownerEnforced(bucket: Pick<Bucket, "ownership">): boolean {
  return bucket.ownership?.Rules?.[0]?.ObjectOwnership === "BucketOwnerEnforced";
}

/**
 * The grants that a request may give in this bucket; undefined if it gives none.
 *
 * @throws AwsError `AccessControlListNotSupported` where ACLs are switched off, `AccessDenied` where public ones are
 *   blocked
 */
export function admittedGrants(bucket: Bucket, input: AclInput): readonly Grant[] | undefined {
  const grants = requestedGrants(input, bucket.account);
  if (grants === undefined) return undefined;
  if (ownerEnforced(bucket)) {
    const isOwners = grants.every(
      ({ Grantee, Permission }) => Grantee?.ID === canonicalId(bucket.account) && Permission === "FULL_CONTROL",
    );
    if (!isOwners || input.ACL === "private")
      throw errors.AccessControlListNotSupported("The bucket does not allow ACLs");
  }
  if (bucket.publicAccessBlock?.BlockPublicAcls === true && grants.some(isPublicGrant))
    throw errors.AccessDenied("Access Denied");
  return grants;
}

/** Whether an ACL lets this caller do this. */
export function grantsAllow(
  grants: readonly Grant[],
  caller: { readonly anonymous: boolean; readonly canonicalId: string },
  permission: "READ" | "WRITE" | "READ_ACP" | "WRITE_ACP",
): boolean {
  return grants.some(({ Grantee, Permission }) => {
    if (Permission !== permission && Permission !== "FULL_CONTROL") return false;
    if (Grantee?.Type === "Group")
      return Grantee.URI === allUsers || (Grantee.URI === authenticatedUsers && !caller.anonymous);
    return Grantee?.Type === "CanonicalUser" && !caller.anonymous && Grantee.ID === caller.canonicalId;
  });
}
