import { invalidArgument } from "./errors.ts";
import { largestPage } from "./limits.ts";

/** What a listing shows: an entry, or the common prefix that stands for all keys that begin with it. */
export type Listed<T> =
  | { readonly type: "entry"; readonly key: string; readonly value: T }
  | { readonly type: "prefix"; readonly prefix: string };

export interface Listing<T> {
  readonly items: readonly Listed<T>[];
  /** There is more after the last item. */
  readonly truncated: boolean;
}

/** Sorts after every key that begins with `prefix`, but for keys that go on with this very character. */
export function endOfPrefix(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}

/**
 * One page of a listing. A common prefix is a seek, not a walk over its keys: the work grows with the items shown.
 *
 * @param open - entries in the order of their keys, those only that begin with `prefix`: from the start of the page or,
 *   given a key, those beyond it
 * @param after - where the page starts; a common prefix that it lies in is not shown
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html
 */
export function listPage<T>(options: {
  readonly open: (beyond: string | undefined) => Iterator<readonly [key: string, value: T]>;
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  readonly after: string;
}): Listing<T> {
  const { open, prefix, delimiter, maxKeys, after } = options;
  const items: Listed<T>[] = [];
  if (maxKeys === 0) return { items, truncated: false };
  let entries = open(undefined);
  for (let next = entries.next(); next.done !== true; next = entries.next()) {
    const [key, value] = next.value;
    const delimiterAt = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (delimiterAt < 0) {
      if (items.length === maxKeys) return { items, truncated: true };
      items.push({ type: "entry", key, value });
      continue;
    }
    const common = key.slice(0, delimiterAt + delimiter.length);
    const last = items.at(-1);
    const shown = (last?.type === "prefix" && last.prefix === common) || after.startsWith(common);
    if (!shown) {
      if (items.length === maxKeys) return { items, truncated: true };
      items.push({ type: "prefix", prefix: common });
    }
    const end = endOfPrefix(common);
    if (!key.startsWith(end)) entries = open(end);
  }
  return { items, truncated: false };
}

/** As S3 encodes keys where a listing is asked to: `encoding-type=url`. */
export function urlEncode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", "/");
}

/** How keys are written in a listing's answer. */
export function keyWriter(encodingType: string | undefined): (text: string) => string {
  if (encodingType === undefined) return (text) => text;
  if (encodingType !== "url")
    throw invalidArgument("encoding-type", encodingType, "Invalid Encoding Method specified in Request");
  return urlEncode;
}

/** @param name - the parameter, such as `max-keys` */
export function pageSize(name: string, asked: number | undefined): number {
  if (asked !== undefined && (!Number.isInteger(asked) || asked < 0)) {
    throw invalidArgument(name, asked, `Argument ${name} must be an integer between 0 and 2147483647`);
  }
  return Math.min(asked ?? largestPage, largestPage);
}

/** Where an item of a listing is: what the next page begins after. */
export function placeOf(item: Listed<unknown> | undefined): string | undefined {
  if (item === undefined) return undefined;
  return item.type === "entry" ? item.key : item.prefix;
}

/** The common prefixes of a page. */
export function prefixesOf(items: readonly Listed<unknown>[], write: (text: string) => string) {
  return items.flatMap((item) => (item.type === "prefix" ? [{ Prefix: write(item.prefix) }] : []));
}
