import { createHash, timingSafeEqual } from "node:crypto";
import type { AccountId, Millis } from "@trysail/core";
import { parseAccountId } from "@trysail/core";
import type { Principal } from "../kernel/context.ts";
import { commonErrors } from "../kernel/errors.ts";
import type { IssuedCredentials } from "../kernel/service.ts";
import type { RequestHead } from "../wire/http.ts";
import { checkAge, createSigningKeys, isSignedWith } from "./sigv4.ts";
import type { Signature } from "./sigv4.ts";

/** The account of callers that name none: of the key `test`, and of requests without a key. */
export const defaultAccount = "000000000000" as AccountId;

/** The documented local default: this key with this secret, or an account's twelve digits with this secret. */
const localAccessKeyId = "test";
const localSecret = "test";

/** A key pair that is demanded from callers in place of the local default. */
export interface ConfiguredCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Caller {
  readonly account: AccountId;
  readonly principal: Principal;
}

export function rootOf(account: AccountId): Principal {
  return { type: "root", arn: `arn:aws:iam::${account}:root`, userId: account };
}

export const anonymous: Caller = { account: defaultAccount, principal: { type: "anonymous", arn: "", userId: "" } };

/**
 * Finds who signed a request, and verifies it.
 *
 * @param issued - finds a key that Trysail has issued
 * @throws AwsError `UnrecognizedClientException`, `SignatureDoesNotMatch`, `ExpiredToken`, `AccessDenied`
 */
export function createAuthenticator(parts: {
  readonly issued: (accessKeyId: string) => IssuedCredentials | undefined;
  readonly configured: ConfiguredCredentials | undefined;
}): (signature: Signature, head: RequestHead, payloadHash: string, now: Millis) => Caller {
  const signingKey = createSigningKeys();

  const find = (accessKeyId: string): IssuedCredentials | undefined => {
    const { configured } = parts;
    if (configured !== undefined) {
      if (accessKeyId === configured.accessKeyId) {
        return {
          secretAccessKey: configured.secretAccessKey,
          account: defaultAccount,
          principal: rootOf(defaultAccount),
        };
      }
      return parts.issued(accessKeyId);
    }
    const account = accessKeyId === localAccessKeyId ? defaultAccount : parseAccountId(accessKeyId);
    if (account !== undefined) return { secretAccessKey: localSecret, account, principal: rootOf(account) };
    return parts.issued(accessKeyId);
  };

  return (signature, head, payloadHash, now) => {
    const credentials = find(signature.accessKeyId);
    if (credentials === undefined) throw unknownKey(signature);
    if (credentials.sessionToken !== undefined && credentials.sessionToken !== signature.sessionToken)
      throw unknownKey(signature);
    if (credentials.expiresAt !== undefined && now >= credentials.expiresAt) {
      throw commonErrors.ExpiredToken("The security token included in the request is expired");
    }
    checkAge(signature, now);
    if (!isSignedWith(signingKey(credentials.secretAccessKey, signature), signature, head, payloadHash)) {
      throw commonErrors.SignatureDoesNotMatch(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
      );
    }
    return { account: credentials.account, principal: credentials.principal };
  };
}

/**
 * Whether an `Authorization` header holds the key as HTTP Basic credentials, the way git sends them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7617
 */
export function carriesKey(authorization: string | undefined, key: ConfiguredCredentials): boolean {
  const given = /^Basic ([A-Za-z0-9+/=]+)$/.exec(authorization ?? "")?.[1];
  if (given === undefined) return false;
  // Hashes are of one length, which comparing in constant time needs.
  const [a, b] = [Buffer.from(given, "base64"), Buffer.from(`${key.accessKeyId}:${key.secretAccessKey}`)].map((text) =>
    createHash("sha256").update(text).digest(),
  ) as [Buffer, Buffer];
  return timingSafeEqual(a, b);
}

function unknownKey({ service }: Signature) {
  return service === "s3"
    ? commonErrors.InvalidAccessKeyId("The AWS Access Key Id you provided does not exist in our records.")
    : commonErrors.UnrecognizedClientException("The security token included in the request is invalid.");
}
