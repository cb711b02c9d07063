import { createReadStream } from "node:fs";
import { mkdir, open, readFile, readdir, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { codeOf } from "@trysail/core";
import type { BlobId, Blobs } from "./blobs.ts";
import { syncFolder } from "./sync-folder.ts";

/** Pieces are gathered up to this size before they are written. */
const pieceBytes = 1024 * 1024;

/** Blobs as files, in 256 folders by the first two digits of their ids. */
export async function openBlobs(folder: string): Promise<Blobs> {
  // File times lag behind the clock by a few milliseconds; what is a second old may wait for the next start.
  const sweepBefore = Date.now() - 1000;
  const fans = Array.from({ length: 256 }, (_, fan) => fan.toString(16).padStart(2, "0"));
  await mkdir(folder, { recursive: true });
  const there = new Set(await readdir(folder));
  const missing = fans.filter((fan) => !there.has(fan));
  await Promise.all(missing.map((fan) => mkdir(join(folder, fan), { recursive: true })));
  if (missing.length > 0) await syncFolder(folder);
  const pathOf = (id: BlobId) => {
    if (!/^[0-9a-f]{32}$/.test(id)) throw new Error(`${id} is no id of a blob`);
    return join(folder, id.slice(0, 2), id);
  };

  return {
    async write(source) {
      const id = randomBytes(16).toString("hex");
      const path = pathOf(id);
      const file = await open(path, "wx", 0o600);
      let sizeBytes = 0;
      let pieces: Uint8Array[] = [];
      let gatheredBytes = 0;
      const flush = async () => {
        if (pieces.length > 0) await writeWhole(file, pieces);
        pieces = [];
        gatheredBytes = 0;
      };
      try {
        for await (const piece of source) {
          pieces.push(piece);
          sizeBytes += piece.length;
          gatheredBytes += piece.length;
          if (gatheredBytes >= pieceBytes) await flush();
        }
        await flush();
        await file.datasync();
        await file.close();
        await syncFolder(join(path, ".."));
      } catch (error) {
        await file.close().catch(() => {});
        await rm(path, { force: true });
        throw error;
      }
      return { id, sizeBytes };
    },
    read: (id, range) => createReadStream(pathOf(id), { highWaterMark: 256 * 1024, ...range }),
    readAll: (id) => readFile(pathOf(id)),
    delete: (id) => rm(pathOf(id), { force: true }),
    async sweep(isNamed) {
      let swept = 0;
      for (const fan of fans) {
        for (const id of await readdir(join(folder, fan))) {
          const path = join(folder, fan, id);
          if (isNamed(id) || (await modified(path)) >= sweepBefore) continue;
          await rm(path, { force: true });
          swept += 1;
        }
      }
      return swept;
    },
  };
}

/** A disk that runs full takes a part and says so by no error, only by the count. */
async function writeWhole(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  const { bytesWritten } = await file.writev(pieces);
  const sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0);
  // What is left is written in one, so that the reason why it was left is told.
  if (bytesWritten < sizeBytes) await file.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
}

/** Milliseconds since 1970; infinity if the file was deleted meanwhile. */
async function modified(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return Infinity;
    throw error;
  }
}
