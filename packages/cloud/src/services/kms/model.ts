import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Millis } from "@trysail/core";

/** A symmetric key for encryption: the only kind there is here. */
export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly description: string;
  readonly createdAt: Millis;
  readonly state: "Enabled" | "Disabled" | "PendingDeletion";
  /** Set while the state is PendingDeletion. */
  readonly deletionDueAt: Millis | undefined;
  /** `AWS` for the keys behind `alias/aws/…`. */
  readonly manager: "AWS" | "CUSTOMER";
  readonly policy: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly rotation: { readonly periodDays: number; readonly nextAt: Millis } | undefined;
  /** The newest encrypts; the older ones still decrypt what they have encrypted. */
  readonly materials: readonly { readonly bytes: Uint8Array; readonly createdAt: Millis; readonly onDemand: boolean }[];
}

/** What is bound to a ciphertext and must be given again to decrypt it. */
export type EncryptionContext = Readonly<Record<string, string>>;

const format = 1;
const ivBytes = 12;
const tagBytes = 16;
const headBytes = 1 + 16 + 2;

function bound(key: Key, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify([key.arn, pairs]));
}

/**
 * Encrypts with AES-256-GCM. The blob names the key and its material, so that nothing but the blob is needed to
 * decrypt: format, key id (16 bytes: the digits of a UUID), material (2), IV (12), tag (16), ciphertext.
 *
 * @param iv - 12 random bytes, never used before with this key
 */
export function encryptWith(key: Key, plaintext: Uint8Array, context: EncryptionContext, iv: Uint8Array): Buffer {
  const index = key.materials.length - 1;
  const cipher = createCipheriv("aes-256-gcm", materialAt(key, index), iv).setAAD(bound(key, context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const material = Buffer.alloc(2);
  material.writeUInt16BE(index);
  return Buffer.concat([
    Buffer.of(format),
    Buffer.from(key.id.replaceAll("-", ""), "hex"),
    material,
    iv,
    cipher.getAuthTag(),
    ciphertext,
  ]);
}

/** The id of the key that a blob was encrypted with; undefined if it is none of ours. */
export function keyIdOf(blob: Uint8Array): string | undefined {
  if (blob.length < headBytes + ivBytes + tagBytes || blob[0] !== format) return undefined;
  const hex = Buffer.from(blob.subarray(1, 17)).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Decrypts a blob of this key; undefined if the blob or the context is not what was encrypted. */
export function decryptWith(key: Key, blob: Uint8Array, context: EncryptionContext): Buffer | undefined {
  const index = Buffer.from(blob.subarray(17, headBytes)).readUInt16BE();
  if (index >= key.materials.length) return undefined;
  const iv = blob.subarray(headBytes, headBytes + ivBytes);
  const tag = blob.subarray(headBytes + ivBytes, headBytes + ivBytes + tagBytes);
  const decipher = createDecipheriv("aes-256-gcm", materialAt(key, index), iv, { authTagLength: tagBytes })
    .setAAD(bound(key, context))
    .setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(blob.subarray(headBytes + ivBytes + tagBytes)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function materialAt(key: Key, index: number): Uint8Array {
  const material = key.materials[index];
  if (material === undefined) throw new Error(`key ${key.id} has no material ${index}`);
  return material.bytes;
}
