import type { Millis } from "@trysail/core";

/**
 * How exactly a point's time is kept, by its age. A point is in one level only; when it gets too old for it, it is taken
 * into the next.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
 */
export interface Level {
  /** The length of a point. */
  readonly seconds: number;
  /** How old a point of it gets. */
  readonly keptMs: Millis;
  /** How many points are stored together. */
  readonly pointsInChunk: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const levels: readonly Level[] = [
  { seconds: 1, keptMs: 3 * hourMs, pointsInChunk: 600 },
  { seconds: 60, keptMs: 15 * dayMs, pointsInChunk: 360 },
  { seconds: 300, keptMs: 63 * dayMs, pointsInChunk: 576 },
  { seconds: 3600, keptMs: 455 * dayMs, pointsInChunk: 720 },
];

/** The seconds that a chunk of a level lasts. */
export const chunkSeconds = ({ seconds, pointsInChunk }: Level) => seconds * pointsInChunk;

/**
 * The level that a point goes to.
 *
 * @param resolutionSeconds - what its time is given to
 * @returns its place in {@link levels}; undefined if it is older than anything that is kept
 */
export function levelFor(time: Millis, resolutionSeconds: number, now: Millis): number | undefined {
  const found = levels.findIndex(({ seconds, keptMs }) => seconds >= resolutionSeconds && now - time < keptMs);
  return found < 0 ? undefined : found;
}
