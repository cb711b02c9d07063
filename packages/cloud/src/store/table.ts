/** One part of a key. Numbers are non-negative integers below 2⁵³ and sort by value; strings sort by their UTF-8 bytes. */
export type KeyPart = string | number;

/** A key: one part, or a tuple that sorts by its first part, then its second, and so on. */
export type Key = KeyPart | readonly KeyPart[];

/**
 * `regional`: each account has the table once in each region. `global`: once (IAM, bucket names).
 * `partition`: once for all accounts and regions (bucket names, which no two accounts may share).
 */
export type TableScope = "regional" | "global" | "partition";

/** A table's declaration: its name, unique in its service, and the types of its keys and values. */
export interface TableDef<K extends Key, V> {
  readonly name: string;
  readonly scope: TableScope;
  /** Types only; never set. */
  readonly types?: { readonly key: K; readonly value: V };
}

/**
 * Declares a table. Values are plain data: objects, arrays, strings, numbers, booleans, null, undefined, Date,
 * Uint8Array, Map. What is read is a copy, the reader's to change.
 *
 * @defaultValue `scope` is "regional"
 */
export function table<K extends Key, V>(name: string, scope: TableScope = "regional"): TableDef<K, V> {
  return { name, scope };
}

export interface ListOptions<K extends Key> {
  /** Only keys that begin with these parts. */
  readonly prefix?: readonly KeyPart[];
  /** Only keys whose first part after `prefix` (a string) begins with this text. */
  readonly startsWith?: string;
  /** Only keys beyond this one, in the order of the listing. */
  readonly after?: K;
  /** From the last key to the first. @defaultValue false */
  readonly reverse?: boolean;
}

/** A table as one account in one region sees it. Reads see the writes of the transaction they are in. */
export interface Table<K extends Key, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
  /** Only inside a transaction. */
  put(key: K, value: V): void;
  /** Only inside a transaction. True if there was something to delete. */
  delete(key: K): boolean;
  /** Read lazily: breaking out of the loop reads no further. */
  entries(options?: ListOptions<K>): IterableIterator<[K, V]>;
  keys(options?: ListOptions<K>): IterableIterator<K>;
  values(options?: ListOptions<K>): IterableIterator<V>;
}

/** Whose row it is. Empty strings where the table's scope leaves the part out. */
export interface RowScope {
  readonly account: string;
  readonly region: string;
}

/** A row that a committed transaction has written or deleted (`value` undefined). */
export interface Change {
  readonly service: string;
  readonly table: string;
  readonly scope: RowScope;
  readonly key: Key;
  readonly value: unknown;
}

/**
 * Durable, ordered tables. A transaction is synchronous: it is visible to all, atomically, when it returns, and on
 * disk, atomically, when {@link Store.durable} resolves.
 */
export interface Store {
  table<K extends Key, V>(service: string, def: TableDef<K, V>, scope: RowScope): Table<K, V>;
  /**
   * Runs `work`; its writes become visible together when it returns, and none of them if it throws. A transaction
   * inside another joins it.
   */
  transaction<T>(work: () => T): T;
  /** Resolves when all that is visible now is on disk. Rejects if the disk refuses it (full, read-only). */
  durable(): Promise<void>;
  /** Every row of a table in every account and region: what controllers start from. */
  scan(service: string, table: string): IterableIterator<Change>;
  /** Calls `listener` after each transaction, synchronously, with what it changed. Returns the way to unsubscribe. */
  onChange(listener: (changes: readonly Change[]) => void): () => void;
  close(): Promise<void>;
}
