import type { Framing } from "./header.ts";

/** Where a chunked body's reader stands. */
type Step =
  | "size"
  | "extension"
  | "size-lf"
  | "data"
  | "data-cr"
  | "data-lf"
  | "trailer-start"
  | "trailer"
  | "trailer-lf"
  | "end-lf";

const cr = 0x0d;
const lf = 0x0a;
/** Of one chunk's extensions, and of all trailers: nobody has a use for more. */
const longestLine = 16 * 1024;

/**
 * Finds where a message's body ends, in pieces as they come; the bytes themselves are left alone, to be handed on as
 * they are. Strict with chunks: a size that another reader could read differently fails.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-7.1
 */
export class BodyReader {
  /** Whether the body has ended. */
  done: boolean;
  /** Whether it is not what its framing says. */
  failed = false;
  readonly #kind: Framing["kind"];
  readonly #data: ((start: number, end: number, piece: Buffer) => void) | undefined;
  #remaining: number;
  #step: Step = "size";
  #digits = 0;
  #lineBytes = 0;

  /** @param data - is told where the content is in each piece, without chunks' sizes */
  constructor(framing: Framing, data?: (start: number, end: number, piece: Buffer) => void) {
    this.#kind = framing.kind;
    this.#data = data;
    this.#remaining = framing.kind === "length" ? framing.length : 0;
    this.done = framing.kind === "none" || (framing.kind === "length" && framing.length === 0);
  }

  /** How many bytes are known to follow. */
  get remaining(): number {
    return this.#remaining;
  }

  /** @returns where the body's part of the piece ends */
  take(piece: Buffer, start: number, end: number): number {
    if (this.done || start >= end) return start;
    if (this.#kind === "chunked") return this.#takeChunks(piece, start, end);
    if (this.#kind === "close") {
      this.#data?.(start, end, piece);
      return end;
    }
    const taken = Math.min(this.#remaining, end - start);
    this.#remaining -= taken;
    this.done = this.#remaining === 0;
    this.#data?.(start, start + taken, piece);
    return start + taken;
  }

  /** The sender has closed its connection. */
  end(): void {
    if (this.#kind === "close") this.done = true;
    else if (!this.done) this.failed = true;
  }

  #takeChunks(piece: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && !this.done && !this.failed) {
      if (this.#step === "data") {
        const taken = Math.min(this.#remaining, end - at);
        this.#data?.(at, at + taken, piece);
        this.#remaining -= taken;
        at += taken;
        if (this.#remaining === 0) this.#step = "data-cr";
      } else this.#takeByte(piece[at++] as number);
    }
    return at;
  }

  #takeByte(byte: number): void {
    switch (this.#step) {
      case "size":
        return this.#takeSize(byte);
      case "extension":
        if (byte === cr) this.#step = "size-lf";
        else if (!isText(byte) || ++this.#lineBytes > longestLine) this.failed = true;
        return;
      case "size-lf":
        return this.#expect(byte, lf, this.#remaining === 0 ? "trailer-start" : "data");
      case "data-cr":
        return this.#expect(byte, cr, "data-lf");
      case "data-lf":
        this.#digits = 0;
        return this.#expect(byte, lf, "size");
      case "trailer-start":
        if (byte === cr) this.#step = "end-lf";
        // A blank continues the line before: folded, as in a head refused.
        else if (isText(byte) && byte !== 0x20 && byte !== 0x09) this.#step = "trailer";
        else this.failed = true;
        return;
      case "trailer":
        if (byte === cr) this.#step = "trailer-lf";
        else if (!isText(byte) || ++this.#lineBytes > longestLine) this.failed = true;
        return;
      case "trailer-lf":
        return this.#expect(byte, lf, "trailer-start");
      case "end-lf":
        if (byte === lf) this.done = true;
        else this.failed = true;
        return;
      case "data":
    }
  }

  #takeSize(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      // Thirteen digits are more than a number can count exactly.
      if (++this.#digits > 12) this.failed = true;
      this.#remaining = this.#remaining * 16 + digit;
      return;
    }
    this.#lineBytes = 0;
    if (this.#digits === 0) this.failed = true;
    else if (byte === cr) this.#step = "size-lf";
    else if (byte === 0x3b) this.#step = "extension";
    else this.failed = true;
  }

  #expect(byte: number, wanted: number, next: Step): void {
    if (byte === wanted) this.#step = next;
    else this.failed = true;
  }
}

const isText = (byte: number) => (byte >= 0x20 && byte !== 0x7f) || byte === 0x09;

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
