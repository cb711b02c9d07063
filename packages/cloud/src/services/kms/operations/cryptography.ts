import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { decryptWith, encryptWith, keyIdOf } from "../model.ts";
import type { EncryptionContext, Key } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findKey, usableKey } from "../store.ts";

/** @see https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
const largestPlaintextBytes = 4096;
const largestRandomBytes = 1024;

const onlyAlgorithm = "SYMMETRIC_DEFAULT";

function checkAlgorithm(algorithm: string | undefined): void {
  if (algorithm !== undefined && algorithm !== onlyAlgorithm) {
    throw errors.UnsupportedOperationException(
      `Trysail's keys are symmetric: ${algorithm} is not supported, only ${onlyAlgorithm}.`,
    );
  }
}

/**
 * What is asked of a call beside its work. A dry run ends here: what it needs has been found, and nothing is made.
 *
 * @throws AwsError `DryRunOperationException`, `UnsupportedOperationException`
 */
function checkOptions(input: { readonly DryRun?: boolean | undefined; readonly Recipient?: object | undefined }): void {
  if (input.Recipient !== undefined) {
    throw errors.UnsupportedOperationException("Trysail has no enclaves: leave out Recipient.");
  }
  if (input.DryRun === true) {
    throw errors.DryRunOperationException("The request would have succeeded, but the DryRun option is set.");
  }
}

function encryptFor(ctx: Context, key: Key, plaintext: Uint8Array, context: EncryptionContext | undefined): Buffer {
  return encryptWith(key, plaintext, context ?? {}, ctx.ids.bytes(12));
}

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
export const encrypt: Handler<Sdk, "encrypt"> = (ctx, input) => {
  checkAlgorithm(input.EncryptionAlgorithm);
  const size = input.Plaintext.length;
  if (size < 1 || size > largestPlaintextBytes) {
    throw errors.ValidationException(
      `1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length between 1 and ${largestPlaintextBytes}`,
    );
  }
  const key = usableKey(ctx, input.KeyId);
  checkOptions(input);
  return {
    CiphertextBlob: encryptFor(ctx, key, input.Plaintext, input.EncryptionContext),
    KeyId: key.arn,
    EncryptionAlgorithm: onlyAlgorithm,
  };
};

function open(ctx: Context, blob: Uint8Array, context: EncryptionContext | undefined, expected: string | undefined) {
  const id = keyIdOf(blob);
  if (id === undefined) throw errors.InvalidCiphertextException("");
  const key = usableKey(ctx, id);
  if (expected !== undefined && findKey(ctx, expected).id !== key.id) {
    throw errors.IncorrectKeyException(
      "The key ID in the request does not identify a CMK that can perform this operation.",
    );
  }
  const plaintext = decryptWith(key, blob, context ?? {});
  if (plaintext === undefined) throw errors.InvalidCiphertextException("");
  return { key, plaintext };
}

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html */
export const decrypt: Handler<Sdk, "decrypt"> = (ctx, input) => {
  checkAlgorithm(input.EncryptionAlgorithm);
  if (input.CiphertextBlob === undefined) throw errors.ValidationException("CiphertextBlob is required.");
  const { key, plaintext } = open(ctx, input.CiphertextBlob, input.EncryptionContext, input.KeyId);
  checkOptions(input);
  return { KeyId: key.arn, Plaintext: plaintext, EncryptionAlgorithm: onlyAlgorithm };
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html */
export const reEncrypt: Handler<Sdk, "reEncrypt"> = (ctx, input) => {
  checkAlgorithm(input.SourceEncryptionAlgorithm);
  checkAlgorithm(input.DestinationEncryptionAlgorithm);
  if (input.CiphertextBlob === undefined) throw errors.ValidationException("CiphertextBlob is required.");
  const { key: source, plaintext } = open(ctx, input.CiphertextBlob, input.SourceEncryptionContext, input.SourceKeyId);
  const key = usableKey(ctx, input.DestinationKeyId);
  checkOptions(input);
  return {
    CiphertextBlob: encryptFor(ctx, key, plaintext, input.DestinationEncryptionContext),
    SourceKeyId: source.arn,
    KeyId: key.arn,
    SourceEncryptionAlgorithm: onlyAlgorithm,
    DestinationEncryptionAlgorithm: onlyAlgorithm,
  };
};

/** The size of a data key: by its spec, or in bytes. */
function dataKeyBytes(spec: string | undefined, bytes: number | undefined): number {
  if ((spec === undefined) === (bytes === undefined)) {
    throw errors.ValidationException("Please specify either number of bytes or key spec.");
  }
  const size = bytes ?? { AES_128: 16, AES_256: 32 }[spec ?? ""] ?? 0;
  if (size < 1 || size > largestRandomBytes) {
    throw errors.ValidationException(
      `A data key has 1 to ${largestRandomBytes} bytes, or the spec AES_128 or AES_256.`,
    );
  }
  return size;
}

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html */
export const generateDataKey: Handler<Sdk, "generateDataKey"> = (ctx, input) => {
  const key = usableKey(ctx, input.KeyId);
  checkOptions(input);
  const plaintext = ctx.ids.bytes(dataKeyBytes(input.KeySpec, input.NumberOfBytes));
  return {
    CiphertextBlob: encryptFor(ctx, key, plaintext, input.EncryptionContext),
    Plaintext: plaintext,
    KeyId: key.arn,
  };
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html */
export const generateDataKeyWithoutPlaintext: Handler<Sdk, "generateDataKeyWithoutPlaintext"> = (ctx, input) => {
  const key = usableKey(ctx, input.KeyId);
  checkOptions(input);
  const plaintext = ctx.ids.bytes(dataKeyBytes(input.KeySpec, input.NumberOfBytes));
  return { CiphertextBlob: encryptFor(ctx, key, plaintext, input.EncryptionContext), KeyId: key.arn };
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html */
export const generateRandom: Handler<Sdk, "generateRandom"> = (ctx, input) => ({
  Plaintext: ctx.ids.bytes(dataKeyBytes(undefined, input.NumberOfBytes)),
});
