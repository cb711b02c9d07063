import type { Classification, Direction } from "./model.ts";
import { mean } from "./statistics.ts";

/**
 * Kayenta's simplest classifier: whichever mean is greater. No judge uses it; it is what others are measured against.
 */
export function meanInequality(
  canary: readonly number[],
  baseline: readonly number[],
  direction: Direction,
): Extract<Classification, "Pass" | "High" | "Low" | "Nodata"> {
  if (canary.length === 0 || baseline.length === 0) return "Nodata";
  const difference = mean(canary) - mean(baseline);
  if (difference > 0 && direction !== "decrease") return "High";
  return difference < 0 && direction !== "increase" ? "Low" : "Pass";
}
