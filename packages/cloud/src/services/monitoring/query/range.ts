import type { Millis } from "@trysail/core";
import { levels } from "../series/levels.ts";

/**
 * The range of whole periods that a request for a time means: from the start rounded down to its period, and no further
 * back than there is data of that period.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export function alignedRange(
  { start, end }: { readonly start: Millis; readonly end: Millis },
  periodSeconds: number,
  now: Millis,
): { readonly start: Millis; readonly end: Millis } {
  const periodMs = periodSeconds * 1000;
  // Data of each level is there for as long as the level is kept; periods that it fits into have all that is coarser.
  const kept = levels.findLast(({ seconds }) => periodSeconds % seconds === 0)?.keptMs ?? Infinity;
  const from = Math.max(start, now - kept);
  return { start: Math.floor(from / periodMs) * periodMs, end };
}
