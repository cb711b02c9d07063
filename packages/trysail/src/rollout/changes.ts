import { clusterName, contextOf, isOver, regionText } from "@trysail/delivery";
import type { RegionState, Rollout } from "@trysail/delivery";
import { durationText } from "../terminal/duration.ts";
import { troubleText } from "./render.ts";
import { standingOf, waitingOf, waitingText } from "./shown.ts";
import type { ShownRollout } from "./shown.ts";

/** What has changed from one look to the next, a line each: for where a page cannot be redrawn. */
export function changeLines(before: ShownRollout | undefined, after: ShownRollout, now: number): string[] {
  if (after.trouble !== undefined) return before?.trouble === undefined ? [troubleText(after.trouble)] : [];
  const { rollout } = after.stored;
  const was = before?.stored.rollout;
  const lines: string[] = was === undefined ? [beginText(rollout)] : [];
  const status = was?.status === rollout.status && was.isPaused === rollout.isPaused ? [] : [statusLine(rollout)];
  // What goes on does so before its regions do, and is over after them.
  if (!isOver(rollout)) lines.push(...status);
  for (const [region, state] of Object.entries(rollout.regions)) {
    const stateBefore = was?.regions[region];
    for (const score of scoresOf(state).slice(scoresOf(stateBefore).length))
      lines.push(`${region}  canary: ${score.score} of 100. ${score.reason}`);
    const text = regionText(contextOf(rollout, region), state);
    const isNews =
      stateBefore === undefined
        ? state.phase !== "pending"
        : regionText(contextOf(rollout, region), stateBefore) !== text;
    if (isNews) lines.push(`${region}  ${text}`);
  }
  if (isOver(rollout)) lines.push(...status);
  const waiting = waitingOf(after, now);
  const waitedFor = before === undefined ? undefined : waitingOf(before, now);
  for (const [region, text] of [["", waiting.whole] as const, ...Object.entries(waiting.regions)]) {
    const last = region === "" ? waitedFor?.whole : waitedFor?.regions[region];
    if (text !== undefined && isTelling(text) && timeless(text) !== timeless(last ?? ""))
      lines.push(`${region === "" ? "" : `${region}  `}${waitingText(text)}`);
  }
  return lines;
}

const beginText = ({ id, kind, spec, version }: Rollout): string =>
  [clusterName(spec.cluster), kind === "rollback" ? `back to ${version.id}` : version.id, id].join("  ");

function statusLine(rollout: Rollout): string {
  const { reason, createdAt, endedAt } = rollout;
  const took = endedAt === undefined ? "" : `  ${durationText(endedAt - createdAt)}`;
  return `${standingOf(rollout)}${reason === undefined ? "" : `: ${reason}`}${took}`;
}

const scoresOf = (state: RegionState | undefined) =>
  state?.phase === "running" || state?.phase === "succeeded" ? state.watch.scores : [];

/** What passes with the next look is not worth a line. */
const passing = new Set([
  "its turn",
  "the next look at its regions",
  "another look",
  "its changes",
  "its pause",
  "its next step",
  "its first step",
  "its first look",
  "its end",
]);
const isTelling = (text: string): boolean => !passing.has(text);

/** Without the time that is left, which each look makes less. */
const timeless = (text: string): string => text.replace(/\((?:\d+ (?:d|h|min|s) ?)+\)/g, "");
