import { parseFunctionName } from "../names.ts";

/** What Trysail can tell of an event that has been handled, or was given up. */
type DestinationKind = "topic" | "bus" | "function";

/** @returns undefined for what Trysail cannot tell */
export function destinationKind(arn: string): DestinationKind | undefined {
  if (/^arn:[^:]+:sns:[^:]+:\d{12}:[^:]+$/.test(arn)) return "topic";
  if (/^arn:[^:]+:events:[^:]+:\d{12}:event-bus\/.+$/.test(arn)) return "bus";
  return parseFunctionName(arn) === undefined ? undefined : "function";
}
