import type { Filter } from "@aws-sdk/client-ec2";
import type { Context } from "../../kernel/context.ts";
import { pageOf } from "../../kernel/paging.ts";
import { errors, invalidValue } from "./errors.ts";
import { matcher } from "./filters.ts";
import { isWellFormed } from "./kinds.ts";
import type { Kind } from "./kinds.ts";
import { tagsOf } from "./tags.ts";

export function newId(ctx: Context, { prefix }: { readonly prefix: string }): string {
  return `${prefix}-0${ctx.ids.hex(16)}`;
}

/** @throws AwsError the kind's NotFound or Malformed */
export function find<V>(ctx: Context, kind: Kind<V>, id: string): V {
  const row = ctx.table(kind.table).get(id);
  if (row !== undefined) return row;
  throw kind.malformed !== undefined && !isWellFormed(kind, id) ? kind.malformed(id) : kind.notFound(id);
}

/** All of them. @throws AwsError the kind's NotFound, naming all that are not there, or Malformed */
export function findAll<V>(ctx: Context, kind: Kind<V>, ids: readonly string[]): V[] {
  const malformed = kind.malformed && ids.find((id) => !isWellFormed(kind, id));
  if (malformed !== undefined) throw kind.malformed?.(malformed);
  const rows = ctx.table(kind.table);
  const missing = ids.filter((id) => !rows.has(id));
  if (missing.length > 0) throw kind.notFound(missing.join(", "));
  return [...new Set(ids)].map((id) => find(ctx, kind, id));
}

/** A resource as it is told of: with its tags. */
export function withTags<V extends object>(ctx: Context, id: string, row: V): V & { Tags: ReturnType<typeof tagsOf> } {
  return { ...row, Tags: tagsOf(ctx, id) };
}

/** What requests that describe have in common. */
interface DescribeInput {
  readonly Filters?: readonly Filter[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** Which sizes of pages an operation takes. */
export interface PageSizes {
  readonly least: number;
  readonly most: number;
}

const usualPages: PageSizes = { least: 5, most: 1000 };

/** How many results a page may have. @throws AwsError `InvalidParameterValue` */
export function pageSize(asked: number | undefined, { least, most }: PageSizes = usualPages): number {
  if (asked === undefined) return most;
  if (asked < least) throw invalidValue(asked, "maxResults", `Expecting a value greater than ${least}.`);
  if (asked > most) throw invalidValue(asked, "maxResults", `Expecting a value smaller than ${most}.`);
  return asked;
}

export const invalidToken = () => errors.InvalidNextToken("The specified NextToken is not valid.");

/**
 * Those of a kind that have one of the ids, where any are given, and match the filters.
 *
 * @param show - makes of a row what is told of it, and what filters look at
 */
export function describeKind<V, Shown extends object>(
  ctx: Context,
  kind: Kind<V>,
  ids: readonly string[] | undefined,
  input: DescribeInput,
  show: (row: V, id: string) => Shown,
  sizes: PageSizes = usualPages,
): { readonly items: Shown[]; readonly next: string | undefined } {
  const matches = matcher(input.Filters, kind.filters);
  const size = pageSize(input.MaxResults, sizes);
  const wanted = ids === undefined || ids.length === 0 ? undefined : new Set(ids);
  if (wanted !== undefined) {
    // All of them at once, as AWS does: a page of what was named would be of no use.
    findAll(ctx, kind, [...wanted]);
  }
  const rows = ctx.table(kind.table);
  function* matching(options: { readonly after?: string }): Generator<[string, Shown]> {
    const { after } = options;
    for (const [id, row] of wanted === undefined ? rows.entries(options) : named(wanted, after)) {
      const shown = show(row, id);
      if (matches(shown)) yield [id, shown];
    }
  }
  function* named(names: ReadonlySet<string>, after: string | undefined): Generator<[string, V]> {
    for (const id of [...names].toSorted()) {
      const row = rows.get(id);
      if (row !== undefined && (after === undefined || id > after)) yield [id, row];
    }
  }
  return pageOf(matching, input.NextToken, size, invalidToken);
}
