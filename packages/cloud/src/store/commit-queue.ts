/** Rows that were written: each its new value, or undefined if it was deleted. Keys are held as latin1, which compares as bytes do. */
export type Writes = Map<string, Buffer | undefined>;

/**
 * Where several callers wait for the disk at once, a batch is given this time to gather: each commit costs the processor
 * about as much as a small call. One caller alone is never kept waiting.
 */
const gatherMs = 2;

interface Batch {
  readonly writes: Writes;
  /** How many wait for it. */
  waiters: number;
  readonly onDisk: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Writes on their way to the disk, in batches: one is being written while the next one gathers. */
export interface CommitQueue {
  /** What is visible and not yet on disk. */
  readonly pending: ReadonlyMap<string, Buffer | undefined>;
  /** Makes the writes of one transaction visible, and has them written together. */
  add(writes: Writes): void;
  /** Resolves when all that was added is on disk; rejects, from then on for ever, with what the disk refused. */
  durable(): Promise<void>;
  /** @throws what the disk refused: what is visible is then no longer what is on disk, so nothing more may be added */
  check(): void;
}

/** @param write - puts a batch on disk, atomically; called again only when the one before has resolved */
export function commitQueue(write: (writes: Writes) => Promise<void>): CommitQueue {
  const pending: Writes = new Map();
  let gathering: Batch | undefined;
  let newest: Batch | undefined;
  let isWriting = false;
  let failure: { readonly error: unknown } | undefined;

  const writeAll = async (): Promise<void> => {
    isWriting = true;
    for (let batch = gathering; batch !== undefined; batch = gathering) {
      gathering = undefined;
      try {
        await write(batch.writes);
      } catch (error) {
        failure = { error };
        batch.reject(error);
        // What was added meanwhile must not come to disk without what came before it.
        (gathering as Batch | undefined)?.reject(error);
        return;
      }
      // Unless it was written again meanwhile, the disk has it now.
      for (const [key, value] of batch.writes) if (pending.get(key) === value) pending.delete(key);
      batch.resolve();
      if (batch.waiters > 1) await new Promise((resolve) => setTimeout(resolve, gatherMs));
    }
    isWriting = false;
  };

  return {
    pending,
    add(writes) {
      gathering ??= newBatch();
      newest = gathering;
      for (const [key, value] of writes) {
        pending.set(key, value);
        gathering.writes.set(key, value);
      }
      if (!isWriting) void writeAll();
    },
    durable() {
      if (newest === undefined) return Promise.resolve();
      newest.waiters += 1;
      return newest.onDisk;
    },
    check() {
      if (failure !== undefined) throw failure.error;
    },
  };
}

function newBatch(): Batch {
  let resolve = () => {};
  let reject: Batch["reject"] = () => {};
  const onDisk = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  // Who does not wait for the disk is told by the next write.
  onDisk.catch(() => {});
  return { writes: new Map(), waiters: 0, onDisk, resolve, reject };
}
