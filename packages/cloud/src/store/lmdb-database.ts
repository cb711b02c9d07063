import { open as openFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { TrysailError, codeOf, messageOf } from "@trysail/core";
import { open } from "lmdb";
import type { RootDatabase } from "lmdb";
import type { Writes } from "./commit-queue.ts";

export type Database = RootDatabase<Buffer, Buffer>;

/**
 * Brings stored rows from one format to the next: number N from N to N+1.
 *
 * @param rows - reads and writes encoded rows; all migrations of a start are one transaction
 */
export type Migration = (rows: {
  get(key: Buffer): Buffer | undefined;
  put(key: Buffer, value: Buffer): void;
  delete(key: Buffer): void;
  keys(): Iterable<Buffer>;
}) => void;

/**
 * Opens LMDB in a folder that this process holds.
 *
 * Commits are not overlapped with their sync: so one promise tells of both, and a sync that fails rejects it. (With
 * lmdb's `overlappingSync`, the promise of a flush that failed never settles.)
 *
 * @throws TrysailError `data-corrupt`, `disk-failed`
 */
export async function openDatabase(folder: string): Promise<Database> {
  await checkHeader(folder);
  try {
    return open<Buffer, Buffer>({
      path: folder,
      keyEncoding: "binary",
      encoding: "binary",
      noSubdir: false,
      overlappingSync: false,
    });
  } catch (error) {
    throw isSystemError(error) ? diskFailed(folder, error) : corrupt(folder, messageOf(error), error);
  }
}

/** Where LMDB's first page has its magic number, and what it is. */
const magicAt = 24;
const magic = 0xbeefc0de;

/** LMDB itself ends the process by a signal when it is to open a file that is not its own. */
async function checkHeader(folder: string): Promise<void> {
  const file = await openFile(join(folder, "data.mdb"), "r").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw diskFailed(folder, error);
  });
  if (file === undefined) return;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(magicAt + 4), 0, magicAt + 4, 0);
    if (bytesRead > 0 && (bytesRead < magicAt + 4 || buffer.readUInt32LE(magicAt) !== magic)) {
      throw corrupt(folder, "data.mdb is not a file of Trysail's");
    }
  } finally {
    await file.close();
  }
}

/**
 * Puts rows on disk, all or none.
 *
 * @throws TrysailError `disk-failed`
 */
export async function writeBatch(db: Database, folder: string, writes: Writes): Promise<void> {
  try {
    await db.batch(() => {
      for (const [key, value] of writes) {
        if (value === undefined) void db.remove(Buffer.from(key, "latin1"));
        else void db.put(Buffer.from(key, "latin1"), value);
      }
    });
  } catch (error) {
    throw diskFailed(folder, await reasonOf(error));
  }
}

/** LMDB tells of a failed commit by an error without a reason, and of the reason by a promise in it, which rejects. */
async function reasonOf(thrown: unknown): Promise<unknown> {
  if (!(thrown instanceof Error && "commitError" in thrown)) return thrown;
  try {
    // It rejects in the same turn, or, for a few numbers of errors, never.
    await Promise.race([thrown.commitError, setImmediate()]);
  } catch (reason) {
    return reason;
  }
  return thrown;
}

const formatKey = Buffer.from("\u0001format");

/**
 * Brings the database to a format: runs the migrations that it has not seen, in order, all of them or none.
 *
 * @param steps - the first brings format 1 to 2
 * @throws TrysailError `data-corrupt`, `disk-failed`
 */
export function migrate(db: Database, folder: string, steps: readonly Migration[], target: number): void {
  const stored = db.get(formatKey);
  const found = stored === undefined ? undefined : Number(stored.toString());
  if (found === target) return;
  if (found === undefined) {
    if ([...db.getKeys({ limit: 1 })].length > 0) throw corrupt(folder, "it does not tell its format");
  } else if (!(found < target)) {
    throw corrupt(folder, `it was written by a newer Trysail (format ${found}, this one knows ${target})`);
  }
  try {
    db.transactionSync(() => {
      const rows = {
        get: (key: Buffer) => db.get(key),
        put: (key: Buffer, value: Buffer) => db.putSync(key, value),
        delete: (key: Buffer) => db.removeSync(key),
        keys: () => [...db.getKeys({})],
      };
      for (const step of found === undefined ? [] : steps.slice(found - 1, target - 1)) step(rows);
      db.putSync(formatKey, Buffer.from(String(target)));
    });
  } catch (error) {
    throw isSystemError(error) ? diskFailed(folder, error) : error;
  }
}

/** lmdb's errors have numbers for codes: the system's own are positive, LMDB's negative. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "number" && error.code > 0;
}

function diskFailed(folder: string, cause: unknown): TrysailError {
  return new TrysailError("disk-failed", `The data folder ${folder} cannot be written: ${messageOf(cause)}`, {
    fault: "user",
    next: "Make room on the disk, or give the folder back its permissions, and start Trysail again.",
    cause,
    exitCode: 6,
  });
}

function corrupt(folder: string, what: string, cause?: unknown): TrysailError {
  return new TrysailError("data-corrupt", `The data folder ${folder} cannot be read: ${what}`, {
    fault: "user",
    next: "Give another folder with --data, or delete this one with `trysail reset` to begin anew.",
    cause,
    exitCode: 5,
  });
}
