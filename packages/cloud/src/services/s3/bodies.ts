import { Readable } from "node:stream";
import type { Context } from "../../kernel/context.ts";
import type { BlobId } from "../../store/blobs.ts";
import { createHasher, digestOf } from "./checksums.ts";
import type { Algorithm, Hasher } from "./checksums.ts";
import { errors } from "./errors.ts";
import { inlineBytes, largestPutBytes, wholeBytes } from "./limits.ts";
import type { Body } from "./model.ts";
import { slices } from "./ranges.ts";
import type { ByteRange } from "./ranges.ts";
import { tables } from "./store.ts";

/** A body that has arrived and is named by nothing yet. {@link storing} names it, or drops it. */
export interface Arrived {
  readonly sizeBytes: number;
  /** Base64 of every digest that was asked for. */
  readonly digests: ReadonlyMap<Algorithm, string>;
  readonly content:
    | { readonly kind: "inline"; readonly bytes: Uint8Array }
    | { readonly kind: "blob"; readonly id: BlobId };
}

const nothing = new Uint8Array();

function toBytes(chunk: Uint8Array | string): Uint8Array {
  return typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

function tooLarge(proposedBytes: number) {
  return errors.EntityTooLarge("Your proposed upload exceeds the maximum allowed size", {
    ProposedSize: proposedBytes,
    MaxSizeAllowed: largestPutBytes,
  });
}

/** @throws AwsError `EntityTooLarge` for a length that no single upload may have */
export function checkLength(contentLength: number | undefined): void {
  if (contentLength !== undefined && contentLength > largestPutBytes) throw tooLarge(contentLength);
}

/**
 * Takes a body in, hashing it on the way: a small one into memory, a large one into a blob, never more than a piece of
 * that in memory at once.
 */
export async function receive(
  home: Context,
  source: AsyncIterable<Uint8Array | string> | Uint8Array = nothing,
  wanted: ReadonlySet<Algorithm>,
): Promise<Arrived> {
  if (source instanceof Uint8Array && source.length <= inlineBytes) return receiveSmall(source, wanted);
  const chunks = (source instanceof Uint8Array ? Readable.from([source]) : source)[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let headBytes = 0;
  while (headBytes <= inlineBytes) {
    const next = await chunks.next();
    if (next.done === true) {
      const [only] = head;
      return receiveSmall(head.length === 1 && only !== undefined ? only : Buffer.concat(head), wanted);
    }
    const chunk = toBytes(next.value);
    head.push(chunk);
    headBytes += chunk.length;
  }
  return receiveLarge(home, head, chunks, wanted);
}

async function receiveSmall(bytes: Uint8Array, wanted: ReadonlySet<Algorithm>): Promise<Arrived> {
  const digests = new Map<Algorithm, string>();
  for (const algorithm of wanted) digests.set(algorithm, (await digestOf(algorithm, bytes)).toString("base64"));
  return { sizeBytes: bytes.length, digests, content: { kind: "inline", bytes } };
}

async function receiveLarge(
  home: Context,
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array | string>,
  wanted: ReadonlySet<Algorithm>,
): Promise<Arrived> {
  const hashers = new Map<Algorithm, Hasher>();
  for (const algorithm of wanted) hashers.set(algorithm, await createHasher(algorithm));
  async function* hashed(): AsyncGenerator<Uint8Array> {
    let sizeBytes = 0;
    const take = (chunk: Uint8Array) => {
      sizeBytes += chunk.length;
      if (sizeBytes > largestPutBytes) throw tooLarge(sizeBytes);
      for (const hasher of hashers.values()) hasher.update(chunk);
      return chunk;
    };
    try {
      for (const chunk of head) yield take(chunk);
      for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield take(toBytes(next.value));
    } finally {
      await rest.return?.();
    }
  }
  const { id, sizeBytes } = await home.host.blobs.write(hashed());
  const digests = new Map([...hashers].map(([algorithm, hasher]) => [algorithm, hasher.digest().toString("base64")]));
  return { sizeBytes, digests, content: { kind: "blob", id } };
}

/** The digest of a body that has arrived, for an algorithm that nobody had announced. */
export async function digestArrived(home: Context, { content }: Arrived, algorithm: Algorithm): Promise<string> {
  if (content.kind === "inline") return (await digestOf(algorithm, content.bytes)).toString("base64");
  const hasher = await createHasher(algorithm);
  for await (const chunk of home.host.blobs.read(content.id)) hasher.update(chunk as Uint8Array);
  return hasher.digest().toString("base64");
}

/** A new name for a row of bytes. Begins with the time, so that what is written together lies together. */
export function newBodyId(home: Context): string {
  return home.now.toString(36).padStart(9, "0") + home.ids.uuid();
}

function keep(home: Context, { sizeBytes, content }: Arrived): Exclude<Body, { readonly kind: "parts" }> {
  if (sizeBytes === 0) return { kind: "empty" };
  if (content.kind === "blob") {
    home.table(tables.namedBlobs).put(content.id, true);
    return content;
  }
  const id = newBodyId(home);
  home.table(tables.inlineBodies).put(id, content.bytes);
  return { kind: "inline", id };
}

/** Deletes what has arrived in vain. */
export async function abandon(home: Context, { content }: Arrived): Promise<void> {
  if (content.kind === "blob") await home.host.blobs.delete(content.id);
}

/**
 * Runs `write` in a transaction with the body that has arrived. If it throws, nothing of the body is left.
 */
export async function storing<T>(
  home: Context,
  arrived: Arrived,
  write: (body: Exclude<Body, { readonly kind: "parts" }>) => T,
): Promise<T> {
  try {
    return home.transaction(() => write(keep(home, arrived)));
  } catch (error) {
    await abandon(home, arrived);
    throw error;
  }
}

/** Gives a body up, inside of the transaction that takes away the last row that names it. */
export function discard(home: Context, body: Body): void {
  switch (body.kind) {
    case "empty":
      return;
    case "inline":
      home.table(tables.inlineBodies).delete(body.id);
      return;
    case "blob":
      home.table(tables.namedBlobs).delete(body.id);
      home.table(tables.doomedBlobs).put([home.now, body.id], true);
      return;
    case "parts":
      for (const part of home.table(tables.manifests).get(body.id) ?? []) discard(home, part.body);
      home.table(tables.manifests).delete(body.id);
      return;
  }
}

function inlineBytesOf(home: Context, id: string): Uint8Array {
  const bytes = home.table(tables.inlineBodies).get(id);
  if (bytes === undefined) throw new Error(`The body ${id} is gone.`);
  return bytes;
}

/** The bytes of a body, or of a range of it: small ones in one piece, larger ones as a stream. */
export async function openBody(
  home: Context,
  body: Body,
  sizeBytes: number,
  range?: ByteRange,
): Promise<Uint8Array | Readable> {
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  if (end < start) return nothing;
  switch (body.kind) {
    case "empty":
      return nothing;
    case "inline":
      return inlineBytesOf(home, body.id).subarray(start, end + 1);
    case "blob":
      if (sizeBytes <= wholeBytes) return (await home.host.blobs.readAll(body.id)).subarray(start, end + 1);
      return home.host.blobs.read(body.id, { start, end });
    case "parts":
      return Readable.from(readParts(home, body.id, { start, end }), { objectMode: false });
  }
}

async function* readParts(home: Context, manifestId: string, range: ByteRange): AsyncGenerator<Uint8Array> {
  const parts = home.table(tables.manifests).get(manifestId) ?? [];
  for (const { index, start, end } of slices(
    parts.map(({ sizeBytes }) => sizeBytes),
    range,
  )) {
    const part = parts[index];
    if (part === undefined) continue;
    const opened = await openBody(home, part.body, part.sizeBytes, { start, end });
    if (opened instanceof Readable) yield* opened as AsyncIterable<Uint8Array>;
    else yield opened;
  }
}

/** The whole of a stored body as a source for {@link receive}. */
export async function* readBody(
  home: Context,
  body: Body,
  sizeBytes: number,
  range?: ByteRange,
): AsyncGenerator<Uint8Array> {
  const opened = await openBody(home, body, sizeBytes, range);
  if (opened instanceof Readable) yield* opened as AsyncIterable<Uint8Array>;
  else yield opened;
}
