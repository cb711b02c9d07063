import { pageOf, pageOfList } from "../../kernel/paging.ts";
import type { Key } from "../../store/table.ts";
import { errors } from "./errors.ts";

interface PageRequest {
  readonly Marker?: string | undefined;
  readonly PageSize?: number | undefined;
}

function sizeOf({ PageSize: size = 400 }: PageRequest): number {
  if (size < 1 || size > 400) {
    const rule = size < 1 ? "greater than or equal to 1" : "less than or equal to 400";
    throw errors.ValidationError(
      `1 validation error detected: Value '${size}' at 'pageSize' failed to satisfy constraint: Member must have value ${rule}`,
    );
  }
  return size;
}

/** One page of a table's listing. @throws AwsError `ValidationError` */
export function page<K extends Key, V>(
  entriesAfter: (options: { readonly after?: K }) => Iterable<readonly [K, V]>,
  request: PageRequest,
): { items: V[]; NextMarker: string | undefined } {
  const { items, next } = pageOf(entriesAfter, request.Marker, sizeOf(request), errors.ValidationError);
  return { items, NextMarker: next };
}

/** One page of a short list. @throws AwsError `ValidationError` */
export function pageOfAll<V>(list: readonly V[], request: PageRequest): { items: V[]; NextMarker: string | undefined } {
  const { items, next } = pageOfList(list, request.Marker, sizeOf(request), errors.ValidationError);
  return { items, NextMarker: next };
}
