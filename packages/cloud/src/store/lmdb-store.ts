import { mkdir } from "node:fs/promises";
import { Packr } from "msgpackr";
import { commitQueue } from "./commit-queue.ts";
import type { Writes } from "./commit-queue.ts";
import { lockFolder } from "./folder-lock.ts";
import { decodeKey, encodeKey, rangeOf } from "./keys.ts";
import type { KeyRange } from "./keys.ts";
import { migrate, openDatabase, writeBatch } from "./lmdb-database.ts";
import type { Database, Migration } from "./lmdb-database.ts";
import type { Change, Key, KeyPart, ListOptions, RowScope, Store, Table, TableDef } from "./table.ts";

/** The form of what is stored. A change to it comes with a migration. */
const formatVersion = 1;

const migrations: readonly Migration[] = [];

/** A listing reads so many rows at first, then twice as many each time. */
const firstChunk = 16;
const largestChunk = 1024;

const partsOf = (key: Key): readonly KeyPart[] => (typeof key === "object" ? key : [key]);

/**
 * Opens the store of a folder.
 *
 * A transaction is of JavaScript: its writes are visible at once, from an overlay, and go to LMDB in batches, one batch
 * while the one before is on its way to the disk. So no call blocks on a disk, and many share one fsync.
 *
 * @param options.migrations - in place of the store's own, for tests
 * @throws TrysailError `data-in-use`, `data-corrupt`, `disk-failed`
 */
export async function openStore(
  folder: string,
  options: { readonly migrations?: readonly Migration[]; readonly formatVersion?: number } = {},
): Promise<Store> {
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  let db: Database | undefined;
  try {
    db = await openDatabase(folder);
    migrate(db, folder, options.migrations ?? migrations, options.formatVersion ?? formatVersion);
  } catch (error) {
    await db?.close();
    await unlock();
    throw error;
  }
  return storeOn(db, folder, unlock);
}

function storeOn(db: Database, folder: string, unlock: () => Promise<void>): Store {
  const packr = new Packr({ structuredClone: true, moreTypes: true, copyBuffers: true });
  const listeners = new Set<(changes: readonly Change[]) => void>();
  const queue = commitQueue((writes) => writeBatch(db, folder, writes));
  /** Each is made once: every call asks for several. */
  const tables = new Map<string, object>();
  /** The running transaction. */
  let current: { readonly writes: Writes; readonly changes: Change[] } | undefined;
  let isClosing = false;

  /** LMDB would let a read in while it closes, and throw for it later, where nobody can catch it. */
  const open = (): Database => {
    if (isClosing) throw new Error("The store is closed.");
    return db;
  };

  const read = (key: Buffer): Buffer | undefined => {
    const name = key.toString("latin1");
    for (const layer of [current?.writes, queue.pending]) if (layer?.has(name) === true) return layer.get(name);
    return open().get(key);
  };

  /** Rows of the range in order, read chunk by chunk: a listing may or may not see what is written while it is read. */
  function* list(range: KeyRange, reverse: boolean): Generator<[Buffer, Buffer]> {
    let { start, end } = range;
    let afterStart = false;
    for (let size = firstChunk; ; size = Math.min(size * 2, largestChunk)) {
      const stored = [
        ...open().getRange(
          reverse
            ? { start: end, end: start, reverse, limit: size, exclusiveStart: true, inclusiveEnd: !afterStart }
            : { start, end, limit: size, exclusiveStart: afterStart },
        ),
      ];
      const last = stored.length < size ? undefined : stored.at(-1)?.key;
      const from = reverse && last !== undefined ? last : start;
      const to = !reverse && last !== undefined ? last : end;
      const written = writesBetween(
        from.toString("latin1"),
        to.toString("latin1"),
        reverse ? "from" : last === undefined ? "from" : "both",
        afterStart && !reverse,
      );
      yield* merge(stored, written, reverse);
      if (last === undefined) return;
      if (reverse) end = last;
      else {
        start = last;
        afterStart = true;
      }
    }
  }

  /** What the layers above LMDB hold of a range. `includes` tells which of the two ends belong to it. */
  const writesBetween = (from: string, to: string, includes: "from" | "both", afterFrom: boolean): Writes => {
    const found: Writes = new Map();
    for (const layer of [queue.pending, current?.writes]) {
      for (const [key, value] of layer ?? []) {
        if (key < from || (afterFrom && key === from) || key > to || (key === to && includes !== "both")) continue;
        found.set(key, value);
      }
    }
    return found;
  };

  const encode = (value: unknown): Buffer => Buffer.from(packr.pack(value));
  const decode = <V>(bytes: Buffer): V => packr.unpack(bytes) as V;

  const store: Store = {
    table<K extends Key, V>(service: string, def: TableDef<K, V>, scope: RowScope): Table<K, V> {
      const name = `${service}/${def.name}/${scope.account}/${scope.region}`;
      const known = tables.get(name);
      if (known !== undefined) return known as Table<Key, unknown> as Table<K, V>;
      const head = encodeKey([service, def.name, scope.account, scope.region]);
      const keyOf = (key: K) => encodeKey(partsOf(key), head);
      const write = (key: K, value: V | undefined) => {
        if (current === undefined) throw new Error(`${service}/${def.name} was written outside of a transaction`);
        current.writes.set(keyOf(key).toString("latin1"), value === undefined ? undefined : encode(value));
        current.changes.push({ service, table: def.name, scope, key, value });
      };
      const rows = ({ prefix = [], startsWith, after, reverse = false }: ListOptions<K> = {}) => {
        const range = rangeOf(prefix, startsWith, head);
        if (after === undefined) return list(range, reverse);
        const edge = keyOf(after);
        // The byte 0 follows no key: what begins with it lies right behind this key.
        const beyondEdge = Buffer.concat([edge, Buffer.of(0)]);
        if (reverse) return list({ start: range.start, end: edge.compare(range.end) < 0 ? edge : range.end }, reverse);
        return list({ start: beyondEdge.compare(range.start) > 0 ? beyondEdge : range.start, end: range.end }, reverse);
      };
      const keyIn = (key: Buffer): K => {
        const own = decodeKey(key, head.length);
        return (own.length === 1 ? own[0] : own) as K;
      };
      const table: Table<K, V> = {
        get(key) {
          const bytes = read(keyOf(key));
          return bytes === undefined ? undefined : decode<V>(bytes);
        },
        has: (key) => read(keyOf(key)) !== undefined,
        put: write,
        delete(key) {
          if (read(keyOf(key)) === undefined) return false;
          write(key, undefined);
          return true;
        },
        *entries(listing) {
          for (const [key, value] of rows(listing)) yield [keyIn(key), decode<V>(value)];
        },
        *keys(listing) {
          for (const [key] of rows(listing)) yield keyIn(key);
        },
        *values(listing) {
          for (const [, value] of rows(listing)) yield decode<V>(value);
        },
      };
      tables.set(name, table);
      return table;
    },

    transaction(work) {
      if (current !== undefined) return work();
      queue.check();
      current = { writes: new Map(), changes: [] };
      let done: NonNullable<typeof current>;
      try {
        const result = work();
        done = current;
        current = undefined;
        if (done.writes.size === 0) return result;
        queue.add(done.writes);
        for (const listener of listeners) listener(done.changes);
        return result;
      } finally {
        current = undefined;
      }
    },

    durable: () => queue.durable(),

    *scan(service, table) {
      for (const [key, value] of list(rangeOf([service, table]), false)) {
        const [, , account, region, ...own] = decodeKey(key) as [string, string, string, string, ...KeyPart[]];
        const rowKey = (own.length === 1 ? own[0] : own) as Key;
        yield { service, table, scope: { account, region }, key: rowKey, value: decode(value) };
      }
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async close() {
      await queue.durable().catch(() => {});
      isClosing = true;
      await db.close();
      await unlock();
    },
  };
  return store;
}

/** Joins what LMDB holds with what was written above it, which wins. */
function* merge(
  stored: readonly { readonly key: Buffer; readonly value: Buffer }[],
  written: Writes,
  reverse: boolean,
): Generator<[Buffer, Buffer]> {
  const above = [...written].toSorted(([a], [b]) => (a < b === reverse ? 1 : -1));
  let next = 0;
  function* aboveUpTo(name: string | undefined): Generator<[Buffer, Buffer]> {
    for (let row = above[next]; row !== undefined; row = above[next]) {
      const [key, value] = row;
      if (name !== undefined && key !== name && key < name === reverse) return;
      next += 1;
      if (value !== undefined) yield [Buffer.from(key, "latin1"), value];
    }
  }
  for (const { key, value } of stored) {
    if (next < above.length) {
      const name = key.toString("latin1");
      yield* aboveUpTo(name);
      if (written.has(name)) continue;
    }
    yield [key, value];
  }
  yield* aboveUpTo(undefined);
}
