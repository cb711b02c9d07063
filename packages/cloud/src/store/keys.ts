import type { KeyPart } from "./table.ts";

/** LMDB's own limit on a key's length. */
export const longestKeyBytes = 1978;

const numberTag = 0x15;
/** Sorts after every tag, and after every byte of UTF-8. */
const beyond = 0xff;

/**
 * Encodes a tuple so that bytes compare as tuples do: part by part, strings by their UTF-8 bytes, numbers by value,
 * numbers after strings, a shorter tuple before the longer ones that it begins.
 *
 * A string is its tag (0x02), its bytes (0x00 as 0x00 0xFF) and 0x00: the end sorts before every byte that could go on.
 *
 * @param head - what is encoded already of the tuple's first parts
 * @throws Error if a number is not an integer from 0 to 2⁵³−1, or the key is longer than {@link longestKeyBytes}
 */
export function encodeKey(parts: readonly KeyPart[], head?: Buffer): Buffer {
  const pieces = parts.map(encodePart);
  const key = Buffer.concat(head === undefined ? pieces : [head, ...pieces]);
  if (key.length > longestKeyBytes) {
    throw new Error(`a key of ${key.length} bytes is longer than the ${longestKeyBytes} that the store takes`);
  }
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
  return part.includes("\0") ? Buffer.concat([openString(part), Buffer.of(0)]) : Buffer.from(`\u0002${part}\0`);
}

/** A string's tag and bytes, without its end: what every longer string begins with. */
function openString(text: string): Buffer {
  if (!text.includes("\0")) return Buffer.from(`\u0002${text}`);
  return Buffer.from(`\u0002${Buffer.from(text).toString("latin1").replaceAll("\0", "\0\u00ff")}`, "latin1");
}

/**
 * The tuple that {@link encodeKey} was given.
 *
 * @param headBytes - so many bytes of the key are left out: whole parts
 */
export function decodeKey(key: Buffer, headBytes = 0): KeyPart[] {
  const parts: KeyPart[] = [];
  for (let at = headBytes; at < key.length;) {
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
    parts.push(
      escaped
        ? Buffer.from(key.toString("latin1", at + 1, end).replaceAll("\0\u00ff", "\0"), "latin1").toString()
        : key.toString("utf8", at + 1, end),
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

/**
 * All keys that begin with these parts and, where it is given, go on with a string that begins with `startsWith`.
 *
 * @param head - what is encoded already of the tuple's first parts
 */
export function rangeOf(prefix: readonly KeyPart[], startsWith?: string, head?: Buffer): KeyRange {
  const pieces = prefix.map(encodePart);
  if (head !== undefined) pieces.unshift(head);
  if (startsWith !== undefined) pieces.push(openString(startsWith));
  const start = Buffer.concat(pieces);
  return { start, end: Buffer.concat([start, Buffer.of(beyond)]) };
}
