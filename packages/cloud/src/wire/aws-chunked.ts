import type { Readable, TransformCallback } from "node:stream";
import { BodyFilter } from "./body-filter.ts";

/** The longest chunk header or trailer line that is taken, in bytes. A signed chunk's header has about 90. */
const lineMaxBytes = 4096;
/** The most that all trailers together may have, in bytes. */
const trailersMaxBytes = 16 * 1024;

/** A body whose client sends headers after it: checksums that it computes on the way. */
export interface TrailedBody extends Readable {
  /** By name in lower case. Complete once the body has ended; empty before. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** The trailers of a body that was read to its end; none if its client sent none. */
export function trailersOf(body: Readable | Uint8Array): Readonly<Record<string, string>> {
  return body instanceof AwsChunkedDecoder ? body.trailers : {};
}

/** Whether a body is framed in chunks inside of HTTP's own framing. */
export function isAwsChunked(headers: Readonly<Record<string, string | undefined>>): boolean {
  return (
    headers["x-amz-content-sha256"]?.startsWith("STREAMING-") === true ||
    headers["content-encoding"]?.split(",").some((coding) => coding.trim() === "aws-chunked") === true
  );
}

type State =
  /** A line `SIZE[;chunk-signature=…]`. */
  | { readonly at: "header" }
  | { readonly at: "data"; remaining: number }
  /** The line end after a chunk's data. */
  | { readonly at: "data-end" }
  | { readonly at: "trailer" }
  | { readonly at: "end" };

/**
 * Takes AWS's chunked framing off a body. Signatures of single chunks are not verified: the key is known to the gateway
 * only, which verifies the request's.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export class AwsChunkedDecoder extends BodyFilter implements TrailedBody {
  readonly #trailers: Record<string, string> = {};
  readonly #declaredBytes: number | undefined;
  readonly #fault: () => Error;
  #state: State = { at: "header" };
  /** The begin of a line whose end has not come yet. */
  #line = "";
  #trailerBytes = 0;
  #bytes = 0;

  /**
   * `declaredBytes` is `x-amz-decoded-content-length`; `fault` makes the error that the body ends with if its framing
   * is not valid or not whole.
   */
  constructor(source: Readable, declaredBytes: number | undefined, fault: () => Error) {
    super(source, fault);
    this.#declaredBytes = declaredBytes;
    this.#fault = fault;
  }

  get trailers(): Readonly<Record<string, string>> {
    return this.#trailers;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let offset = 0;
    while (offset < chunk.length) {
      const state = this.#state;
      if (state.at === "data") {
        const end = Math.min(chunk.length, offset + state.remaining);
        this.push(chunk.subarray(offset, end));
        this.#bytes += end - offset;
        state.remaining -= end - offset;
        offset = end;
        if (state.remaining === 0) this.#state = { at: "data-end" };
        continue;
      }
      const newline = chunk.indexOf(10, offset);
      const end = newline === -1 ? chunk.length : newline;
      this.#line += chunk.toString("latin1", offset, end);
      offset = end + 1;
      if (this.#line.length > lineMaxBytes) return done(this.#fault());
      if (newline === -1) break;
      const line = this.#line.endsWith("\r") ? this.#line.slice(0, -1) : this.#line;
      this.#line = "";
      const next = this.#afterLine(state, line);
      if (next === undefined) return done(this.#fault());
      this.#state = next;
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    // Some clients leave out the empty line after the last chunk.
    const whole = this.#state.at === "end" || (this.#state.at === "trailer" && this.#line === "");
    if (!whole) return done(this.#fault());
    if (this.#declaredBytes !== undefined && this.#declaredBytes !== this.#bytes) return done(this.#fault());
    done();
  }

  #afterLine(state: State, line: string): State | undefined {
    switch (state.at) {
      case "header": {
        const size = /^([0-9a-fA-F]{1,12})\s*(;.*)?$/.exec(line)?.[1];
        if (size === undefined) return undefined;
        const remaining = Number.parseInt(size, 16);
        return remaining === 0 ? { at: "trailer" } : { at: "data", remaining };
      }
      case "data-end":
        return line === "" ? { at: "header" } : undefined;
      case "trailer": {
        if (line === "") return { at: "end" };
        this.#trailerBytes += line.length;
        const colon = line.indexOf(":");
        if (colon <= 0 || this.#trailerBytes > trailersMaxBytes) return undefined;
        this.#trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
        return state;
      }
      case "end":
        return line === "" ? state : undefined;
      case "data":
        return undefined;
    }
  }
}
