import type { Readable } from "node:stream";

/** Names a body that was stored. */
export type BlobId = string;

/**
 * Bodies too large for a record: each a file, written once under a name of its own, on disk before `write` resolves,
 * and real from when a record names it. What no record names is swept at start.
 */
export interface Blobs {
  /**
   * @throws what `source` throws; what was written is deleted then
   */
  write(source: AsyncIterable<Uint8Array>): Promise<{ readonly id: BlobId; readonly sizeBytes: number }>;
  /**
   * The bytes from `start` to `end`, both included.
   * @defaultValue the whole body
   */
  read(id: BlobId, range?: { readonly start: number; readonly end: number }): Readable;
  /** For small bodies. */
  readAll(id: BlobId): Promise<Buffer>;
  /** Call it when the record that named the body is gone, durably. Does nothing if it is deleted already. */
  delete(id: BlobId): Promise<void>;
  /** Deletes each body that `isNamed` denies and that was there when Trysail started. @returns how many */
  sweep(isNamed: (id: BlobId) => boolean): Promise<number>;
}
