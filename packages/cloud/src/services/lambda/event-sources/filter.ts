import type { FilterCriteria } from "@aws-sdk/client-lambda";
import { parsePattern } from "../../../event-pattern/pattern.ts";
import type { RecordEvent } from "./event.ts";

export type Filter = (event: RecordEvent) => boolean;

/**
 * Reads filters, of which one must match. They see the record with its metadata, its data decoded and, if that is JSON,
 * read: what is not JSON matches no condition on it.
 *
 * @throws PatternError
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
 */
export function readFilters(criteria: FilterCriteria | undefined): Filter {
  const patterns = (criteria?.Filters ?? []).map(({ Pattern = "" }) => parsePattern(Pattern));
  if (patterns.length === 0) return () => true;
  return (event) => {
    const seen = { ...event, ...event.kinesis, data: readData(event.kinesis.data) };
    return patterns.some((matches) => matches(seen));
  };
}

function readData(data: string): unknown {
  try {
    return JSON.parse(Buffer.from(data, "base64").toString());
  } catch {
    return undefined;
  }
}
