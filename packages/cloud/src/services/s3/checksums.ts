import { createHash } from "node:crypto";
import { crc32 as zlibCrc32 } from "node:zlib";
import {
  createCRC32,
  createCRC64,
  createXXHash128,
  createXXHash3,
  createXXHash64,
  crc32 as wasmCrc32,
  crc64,
} from "hash-wasm";
import type { IHasher } from "hash-wasm";
import { combineCrcs, crc32, crc32c, crc64nvme } from "./crc-combine.ts";
import type { CrcSpec } from "./crc-combine.ts";

/** Every algorithm that S3 knows. */
export const algorithms = [
  "CRC32",
  "CRC32C",
  "CRC64NVME",
  "SHA1",
  "SHA256",
  "SHA512",
  "MD5",
  "XXHASH64",
  "XXHASH3",
  "XXHASH128",
] as const;
export type Algorithm = (typeof algorithms)[number];

/** Whether a checksum is that of the whole object, or of its parts' checksums. */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

/** A checksum in base64; a composite one ends with `-` and the number of parts. */
export interface Checksum {
  readonly algorithm: Algorithm;
  readonly value: string;
  readonly type: ChecksumType;
}

/** The members by which requests, replies and lists of parts carry checksums. */
export type ChecksumMembers = { readonly [Name in `Checksum${Algorithm}`]?: string | undefined };

export interface Hasher {
  update(chunk: Uint8Array): void;
  /** Call it once. */
  digest(): Buffer;
}

const digestBytes: Readonly<Record<Algorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  MD5: 16,
  XXHASH64: 8,
  XXHASH3: 8,
  XXHASH128: 16,
};

const crcs: Partial<Readonly<Record<Algorithm, CrcSpec>>> = { CRC32: crc32, CRC32C: crc32c, CRC64NVME: crc64nvme };
const crc32cPolynomial = Number(crc32c.polynomial);
const crc64nvmePolynomial = crc64nvme.polynomial.toString(16);

export function parseAlgorithm(text: string): Algorithm | undefined {
  return algorithms.find((algorithm) => algorithm === text.toUpperCase());
}

/** `x-amz-checksum-crc32` */
export function checksumHeader(algorithm: Algorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

export function isDigest(algorithm: Algorithm, base64: string): boolean {
  return /^[A-Za-z0-9+/]+=*$/.test(base64) && Buffer.from(base64, "base64").length === digestBytes[algorithm];
}

/** The checksums that an input's members carry. */
export function checksumsOf(
  members: ChecksumMembers,
): readonly { readonly algorithm: Algorithm; readonly value: string }[] {
  return algorithms.flatMap((algorithm) => {
    const value = members[`Checksum${algorithm}`];
    return value === undefined || value === "" ? [] : [{ algorithm, value }];
  });
}

/** The members by which an output carries a checksum. */
export function checksumMembers(checksum: Pick<Checksum, "algorithm" | "value"> | undefined): ChecksumMembers {
  return checksum === undefined ? {} : { [`Checksum${checksum.algorithm}`]: checksum.value };
}

function nodeHasher(name: "md5" | "sha1" | "sha256" | "sha512"): Hasher {
  const hash = createHash(name);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() };
}

function zlibHasher(): Hasher {
  let value = 0;
  return {
    update: (chunk) => void (value = zlibCrc32(chunk, value)),
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}

function wasmHasher(hasher: IHasher): Hasher {
  hasher.init();
  return { update: (chunk) => void hasher.update(chunk), digest: () => Buffer.from(hasher.digest("hex"), "hex") };
}

/** Hashes what arrives piece by piece. */
export async function createHasher(algorithm: Algorithm): Promise<Hasher> {
  switch (algorithm) {
    case "CRC32":
      return zlibHasher();
    case "CRC32C":
      return wasmHasher(await createCRC32(crc32cPolynomial));
    case "CRC64NVME":
      return wasmHasher(await createCRC64(crc64nvmePolynomial));
    case "SHA1":
      return nodeHasher("sha1");
    case "SHA256":
      return nodeHasher("sha256");
    case "SHA512":
      return nodeHasher("sha512");
    case "MD5":
      return nodeHasher("md5");
    case "XXHASH64":
      return wasmHasher(await createXXHash64());
    case "XXHASH3":
      return wasmHasher(await createXXHash3());
    case "XXHASH128":
      return wasmHasher(await createXXHash128());
  }
}

/** Hashes what is there as a whole: for small bodies far cheaper than a {@link createHasher | hasher}. */
export async function digestOf(algorithm: Algorithm, bytes: Uint8Array): Promise<Buffer> {
  if (algorithm === "CRC32C") return Buffer.from(await wasmCrc32(bytes, crc32cPolynomial), "hex");
  if (algorithm === "CRC64NVME") return Buffer.from(await crc64(bytes, crc64nvmePolynomial), "hex");
  const hasher = await createHasher(algorithm);
  hasher.update(bytes);
  return hasher.digest();
}

/**
 * The type of a multipart upload's checksum.
 *
 * @returns undefined if the algorithm cannot have the type that is asked for
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function multipartChecksumType(algorithm: Algorithm, asked: string | undefined): ChecksumType | undefined {
  if (algorithm === "CRC64NVME") return asked === "COMPOSITE" ? undefined : "FULL_OBJECT";
  if (asked === "FULL_OBJECT") return crcs[algorithm] === undefined ? undefined : "FULL_OBJECT";
  return "COMPOSITE";
}

/** The checksum of an object that is made of parts, from its parts' checksums. */
export async function checksumOfParts(
  algorithm: Algorithm,
  type: ChecksumType,
  parts: readonly { readonly checksum: string; readonly sizeBytes: number }[],
): Promise<Checksum> {
  if (type === "COMPOSITE") {
    const digests = Buffer.concat(parts.map(({ checksum }) => Buffer.from(checksum, "base64")));
    return { algorithm, type, value: `${(await digestOf(algorithm, digests)).toString("base64")}-${parts.length}` };
  }
  const spec = crcs[algorithm];
  if (spec === undefined) throw new Error(`${algorithm} has no checksum of a full object from its parts`);
  const combined = combineCrcs(
    spec,
    parts.map(({ checksum, sizeBytes }) => ({
      crc: BigInt(`0x${Buffer.from(checksum, "base64").toString("hex")}`),
      sizeBytes,
    })),
  );
  const hex = combined.toString(16).padStart(spec.bits / 4, "0");
  return { algorithm, type, value: Buffer.from(hex, "hex").toString("base64") };
}
