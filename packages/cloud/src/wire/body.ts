import { createHash, hash } from "node:crypto";
import { Readable } from "node:stream";
import type { TransformCallback } from "node:stream";
import { gunzip } from "node:zlib";
import { AwsChunkedDecoder, isAwsChunked } from "./aws-chunked.ts";
import { BodyFilter } from "./body-filter.ts";
import type { Faults } from "./faults.ts";
import type { ReadRequest, RequestHead } from "./http.ts";

/**
 * The most that a body may have that is held in memory, compressed or not: 70 MiB, since Lambda takes 50 MiB of zip in
 * base64, which is the most that any AWS API takes in such a body.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const bufferedBodyMaxBytes = 70 * 1024 * 1024;

/** A body that may be streamed is read at once if it declares no more than this. */
const smallBodyBytes = 64 * 1024;

const none = Buffer.alloc(0);

/** Reads a body whole: takes its framing off, verifies its declared hash, unpacks it. */
export async function readBody(request: ReadRequest, faults: Faults): Promise<Buffer> {
  if (request.headers["content-length"] === "0") return none;
  const bytes = await readVerified(request, faults);
  return isGzip(request.headers["content-encoding"]) ? unpack(bytes, faults) : bytes;
}

async function readVerified(request: ReadRequest, faults: Faults): Promise<Buffer> {
  const bytes = isAwsChunked(request.headers)
    ? await collect(dechunk(request, faults), faults, undefined)
    : await collectBody(request, faults);
  const declared = declaredHash(request);
  if (declared !== undefined) {
    const computed = hash("sha256", bytes);
    if (computed !== declared) throw faults.wrongHash(declared, computed);
  }
  return bytes;
}

/**
 * A body as it was sent, for whoever needs its hash before anything of it is decoded.
 *
 * @throws AwsError if it is larger than {@link bufferedBodyMaxBytes}
 */
export function collectBody(request: ReadRequest, faults: Faults): Promise<Buffer> {
  const { body, headers } = request;
  return Buffer.isBuffer(body)
    ? Promise.resolve(body)
    : collect(body, faults, declaredLength(headers["content-length"]));
}

/**
 * The body without its framing: a small one as bytes, which is far cheaper, any other as a stream that ends with an
 * error if it is not what the request's head declares.
 */
export async function openBody(request: ReadRequest, faults: Faults): Promise<Readable | Buffer> {
  const { body, headers } = request;
  if (isAwsChunked(headers)) return dechunk(request, faults);
  if (Buffer.isBuffer(body) || (declaredLength(headers["content-length"]) ?? Infinity) <= smallBodyBytes)
    return readVerified(request, faults);
  const declared = declaredHash(request);
  return declared === undefined ? body : new HashCheck(body, declared, faults);
}

/** The body's length without framing, in bytes; undefined if the head does not tell. */
export function bodyLength(headers: RequestHead["headers"]): number | undefined {
  return declaredLength(isAwsChunked(headers) ? headers["x-amz-decoded-content-length"] : headers["content-length"]);
}

function declaredLength(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}

/** The hash that the signature covers, in lower-case hex; undefined where it covers none, or single chunks. */
function declaredHash({ headers }: RequestHead): string | undefined {
  const declared = headers["x-amz-content-sha256"];
  return declared !== undefined && /^[0-9a-f]{64}$/.test(declared) ? declared : undefined;
}

function dechunk(request: ReadRequest, faults: Faults): Readable {
  const declared = declaredLength(request.headers["x-amz-decoded-content-length"]);
  const { body } = request;
  const source = Buffer.isBuffer(body) ? Readable.from([body], { objectMode: false }) : body;
  return new AwsChunkedDecoder(source, declared, () => faults.incomplete());
}

/** Passes a body on and fails at its end if its hash is not the one declared. */
class HashCheck extends BodyFilter {
  readonly #hash = createHash("sha256");
  readonly #declared: string;
  readonly #faults: Faults;

  constructor(source: Readable, declared: string, faults: Faults) {
    super(source, () => faults.incomplete());
    this.#declared = declared;
    this.#faults = faults;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    const computed = this.#hash.digest("hex");
    done(computed === this.#declared ? null : this.#faults.wrongHash(this.#declared, computed));
  }
}

function collect(source: Readable, faults: Faults, declaredBytes: number | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (declaredBytes !== undefined && declaredBytes > bufferedBodyMaxBytes) {
      reject(faults.tooLarge(bufferedBodyMaxBytes));
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    source.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > bufferedBodyMaxBytes) {
        // Goes on unread, and is not destroyed: the client looks for a reply only when it has sent all.
        source.removeAllListeners("data");
        source.resume();
        chunks.length = 0;
        reject(faults.tooLarge(bufferedBodyMaxBytes));
      } else {
        chunks.push(chunk);
      }
    });
    source.once("end", () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length)),
    );
    source.once("error", reject);
    source.once("close", () => {
      if (!source.readableEnded) reject(faults.incomplete());
    });
  });
}

function isGzip(contentEncoding: string | undefined): boolean {
  return contentEncoding !== undefined && contentEncoding.split(",").some((coding) => coding.trim() === "gzip");
}

function unpack(bytes: Buffer, faults: Faults): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: bufferedBodyMaxBytes }, (error, unpacked) => {
      if (error === null) resolve(unpacked);
      else if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
        reject(faults.tooLarge(bufferedBodyMaxBytes));
      else reject(faults.malformed("The request body is not valid gzip."));
    });
  });
}
