import type { Context } from "../../kernel/context.ts";
import { errors } from "./errors.ts";
import { addVersion, sameValue } from "./model.ts";
import type { Secret, SecretValue } from "./model.ts";
import { saveVersions, tables, versionsOf } from "./store.ts";

/** @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const largestValueBytes = 65_536;

/** A version's id may be given by the caller, as its request token: 32 to 64 characters. */
export function checkToken(token: string | undefined): string | undefined {
  if (token !== undefined && (token.length < 32 || token.length > 64)) {
    throw errors.InvalidParameterException("ClientRequestToken must be 32-64 characters long.");
  }
  return token;
}

/** The value in a request; undefined if it has none. */
export function readValue(input: {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
}): SecretValue | undefined {
  const { SecretString: text, SecretBinary: binary } = input;
  if (text !== undefined && binary !== undefined) {
    throw errors.InvalidParameterException(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  const sizeBytes = binary?.length ?? Buffer.byteLength(text ?? "");
  if (sizeBytes > largestValueBytes) {
    throw errors.InvalidParameterException(
      `The secret value is ${sizeBytes} bytes long; at most ${largestValueBytes} are allowed.`,
    );
  }
  if (binary !== undefined) return { binary };
  return text === undefined ? undefined : { text };
}

/** Secrets of a type are rotated by the partner that it names, which Trysail does not do. */
export function refuseType({ Type: type }: { readonly Type?: string | undefined }): void {
  if (type !== undefined) throw errors.InvalidParameterException("Trysail rotates no secrets: leave out Type.");
}

/**
 * Writes a value as a new version with these stages. Once more with the same id and value changes nothing.
 *
 * @throws AwsError `ResourceExistsException` if the id is taken by another value
 */
export function writeVersion(
  ctx: Context,
  secret: Secret,
  id: string,
  value: SecretValue,
  stages: readonly string[],
): void {
  const versions = versionsOf(ctx, secret);
  const repeated = versions.find((version) => version.id === id);
  if (repeated !== undefined) {
    if (sameValue(repeated, value)) return;
    throw errors.ResourceExistsException(
      `You can't modify the existing version ${id}: it has another value. Use another ClientRequestToken.`,
    );
  }
  saveVersions(ctx, secret, addVersion(versions, { id, createdAt: ctx.now, ...value }, stages));
  ctx.table(tables.secrets).put(secret.name, { ...secret, changedAt: ctx.now });
}
