import { randomBytes, randomInt, randomUUID } from "node:crypto";

/** Randomness, passed in: a test may give one that repeats. */
export interface Ids {
  uuid(): string;
  /** @param alphabet - lower-case letters and digits by default */
  text(length: number, alphabet?: string): string;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
  bytes(size: number): Buffer;
}

/** Cryptographic randomness. */
export function randomIds(): Ids {
  return {
    uuid: () => randomUUID(),
    text: (length, alphabet = "abcdefghijklmnopqrstuvwxyz0123456789") =>
      Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join(""),
    hex: (length) =>
      randomBytes(Math.ceil(length / 2))
        .toString("hex")
        .slice(0, length),
    bytes: (size) => randomBytes(size),
  };
}
