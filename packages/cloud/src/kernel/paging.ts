import type { Key } from "../store/table.ts";
import type { AwsError } from "./errors.ts";

/** Encodes the key at which the next page begins, so that a client can hand it back. */
export function tokenOf(key: Key): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

/** @throws what `invalid` makes, for a token that is none of ours */
export function keyOf<K extends Key>(token: string | undefined, invalid: (message: string) => AwsError): K | undefined {
  if (token === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString()) as K;
  } catch {
    throw invalid("The token that was given for the next page is not valid.");
  }
}

interface Page<V> {
  readonly items: V[];
  /** The token of the next page; undefined at the end. */
  readonly next: string | undefined;
}

/**
 * One page of a listing that is read lazily from a table.
 *
 * @param entriesAfter - the entries beyond that key: `(after) => ctx.table(tables.things).entries({ after })`
 */
export function pageOf<K extends Key, V>(
  entriesAfter: (options: { readonly after?: K }) => Iterable<readonly [K, V]>,
  token: string | undefined,
  size: number,
  invalid: (message: string) => AwsError,
): Page<V> {
  const after = keyOf<K>(token, invalid);
  const items: V[] = [];
  let last: K | undefined;
  for (const [key, value] of entriesAfter(after === undefined ? {} : { after })) {
    if (items.length === size && last !== undefined) return { items, next: tokenOf(last) };
    items.push(value);
    last = key;
  }
  return { items, next: undefined };
}

/** One page of a list that is small and whole in memory. The token is a place in it. */
export function pageOfList<V>(
  list: readonly V[],
  token: string | undefined,
  size: number,
  invalid: (message: string) => AwsError,
): Page<V> {
  const from = keyOf<number>(token, invalid) ?? 0;
  const end = from + size;
  return { items: list.slice(from, end), next: end < list.length ? tokenOf(end) : undefined };
}
