import { pageOfList } from "../../kernel/paging.ts";
import { errors } from "./errors.ts";

interface PageRequest {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

/** One page of a listing in IAM's terms. `MaxItems` is 1 to 1000, 100 by default. */
export function page<T>(
  items: readonly T[],
  { Marker, MaxItems = 100 }: PageRequest,
): { items: T[]; IsTruncated: boolean; Marker: string | undefined } {
  if (MaxItems < 1 || MaxItems > 1000) {
    throw errors.ValidationError(
      `Value '${MaxItems}' at 'maxItems' failed to satisfy constraint: Member must be between 1 and 1000`,
    );
  }
  const { items: found, next } = pageOfList(items, Marker, MaxItems, errors.ValidationError);
  return { items: found, IsTruncated: next !== undefined, Marker: next };
}
