import type { KeyPart } from "./table.ts";

/** LMDB's own limit on a key's length. */
export const longestKeyBytes = 1978;

const stringTag = 0x02;
const numberTag = 0x15;
/** Sorts after every tag, and after every byte of UTF-8. */
const beyond = 0xff;

/**
 * Encodes a tuple so that bytes compare as tuples do: part by part, strings by their UTF-8 bytes, numbers by value,
 * numbers after strings, a shorter tuple before the longer ones that it begins.
 *
 * A string is its tag, its bytes (0x00 as 0x00 0xFF) and 0x00: the end sorts before every byte that could go on.
 *
 * @throws Error if a number is not an integer from 0 to 2⁵³−1, or the key is longer than {@link longestKeyBytes}
 */
export function encodeKey(parts: readonly KeyPart[]): Buffer {
  const pieces = parts.map(encodePart);
  const key = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  if (key.length > longestKeyBytes)
    throw new Error(`a key of ${key.length} bytes is longer than the ${longestKeyBytes} that the store takes`);
  return key;
}

function encodePart(part: KeyPart): Buffer {
  if (typeof part === "number") {
    if (!Number.isSafeInteger(part) || part < 0)
      throw new Error(`${part} cannot be part of a key: only integers from 0 to 2^53-1 can`);
    const bytes = Buffer.allocUnsafe(9);
    bytes[0] = numberTag;
    bytes.writeBigUInt64BE(BigInt(part), 1);
    return bytes;
  }
  return Buffer.concat([openString(part), Buffer.of(0)]);
}

/** A string's tag and bytes, without its end: what every longer string begins with. */
function openString(text: string): Buffer {
  const utf8 = Buffer.from(text);
  if (!utf8.includes(0)) return Buffer.concat([Buffer.of(stringTag), utf8]);
  return Buffer.concat([
    Buffer.of(stringTag),
    Buffer.from(utf8.toString("latin1").replaceAll("\0", "\0\u00ff"), "latin1"),
  ]);
}

/** The tuple that {@link encodeKey} was given. */
export function decodeKey(key: Buffer): KeyPart[] {
  const parts: KeyPart[] = [];
  for (let at = 0; at < key.length;) {
    if (key[at] === numberTag) {
      parts.push(Number(key.readBigUInt64BE(at + 1)));
      at += 9;
      continue;
    }
    let end = key.indexOf(0, at + 1);
    let escaped = false;
    while (key[end + 1] === beyond) {
      escaped = true;
      end = key.indexOf(0, end + 2);
    }
    const raw = key.subarray(at + 1, end);
    parts.push(
      escaped ? Buffer.from(raw.toString("latin1").replaceAll("\0\u00ff", "\0"), "latin1").toString() : raw.toString(),
    );
    at = end + 1;
  }
  return parts;
}

/** The keys from `start` (included) to `end` (not included). */
export interface KeyRange {
  readonly start: Buffer;
  readonly end: Buffer;
}

/** All keys that begin with these parts and, where it is given, go on with a string that begins with `startsWith`. */
export function rangeOf(prefix: readonly KeyPart[], startsWith?: string): KeyRange {
  const head = prefix.map(encodePart);
  const start = Buffer.concat(startsWith === undefined ? head : [...head, openString(startsWith)]);
  return { start, end: Buffer.concat([start, Buffer.of(beyond)]) };
}
