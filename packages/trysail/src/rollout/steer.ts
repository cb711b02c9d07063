import { TrysailError } from "@trysail/core";
import { commanded, eventsBetween, isOver, timeText } from "@trysail/delivery";
import type { Command, Rollout, RolloutStore, StoredRollout, Versioned } from "@trysail/delivery";
import { allRollouts } from "./find-rollout.ts";

/** A worker may write between a read and the write that follows it. */
const mostTries = 50;

/**
 * Gives a command to a rollout, whatever a worker writes to it at the same time.
 *
 * @returns it before and after
 * @throws TrysailError `nothing-to-do` or `rollout-busy` (fault: user)
 */
export async function steer(
  store: RolloutStore,
  id: string,
  command: Command,
  now: () => number,
): Promise<{ readonly before: Rollout; readonly after: Rollout }> {
  for (let tries = 0; tries < mostTries; tries++) {
    const found = await store.read(id);
    if (found === undefined) break;
    const before = found.value.rollout;
    const after = commanded(before, command, now());
    if (typeof after === "string") throw new TrysailError("nothing-to-do", after, { fault: "user" });
    if (before.status === "halted" && after.status === "halted")
      throw new TrysailError("nothing-to-do", `${id} has changed nothing that could be undone.`, { fault: "user" });
    if (after === before) return { before, after };
    const outbox = [...found.value.outbox, ...eventsBetween(before, after, now())];
    const stored = { ...found.value, rollout: after, outbox };
    // One that has ended was put away: it is taken up again.
    const isWritten = isOver(before) ? await reopen(store, found, stored) : await store.write(found, stored);
    if (isWritten !== undefined) return { before, after };
  }
  throw new TrysailError("rollout-busy", `${id} is written by others all the time.`, {
    fault: "user",
    next: "Try again.",
  });
}

/** @throws TrysailError `cluster-changed` (fault: user) where going back would undo what came after it */
async function reopen(store: RolloutStore, found: Versioned<StoredRollout>, stored: StoredRollout) {
  const { id, spec, createdAt } = found.value.rollout;
  const later = (await allRollouts(store, spec.cluster)).find(
    ({ value: { rollout } }) => rollout.id !== id && rollout.createdAt >= createdAt,
  );
  const isTaken = later === undefined && (await store.take(spec.cluster, id));
  if (!isTaken)
    throw new TrysailError(
      "cluster-changed",
      `${id} cannot be undone any more: ${later?.value.rollout.id ?? "another rollout"} has changed its cluster since.`,
      { fault: "user", next: "To go back to an earlier version: trysail rollout rollback." },
    );
  // While it was put away, its pipeline was told that it is over.
  const opened = { ...stored, lease: undefined, job: undefined };
  // It may still be where those are that go on, if who ended it was cut off.
  return (await store.create(opened)) ?? (await store.write(found, opened));
}

/** What a command means now, for people. */
export function meaningOf(command: Command, before: Rollout, after: Rollout, now: number): string {
  const { id, version } = after;
  switch (command.kind) {
    case "pause":
      return `${id} is paused: nothing more is exposed until \`trysail rollout resume\`. What it has begun is not undone, and goes on being watched.`;
    case "resume":
      return `${id} goes on.`;
    case "promote":
      return promotedText(before, after);
    case "abort":
      if (after.status === "undone")
        return `${id} was taken back before ${before.status === "queued" ? "its turn" : "it began anywhere"}: nothing was changed.`;
      if (before.status === "undoing") {
        const since = before.failedAt === undefined ? "" : ` since ${timeText(now - before.failedAt)}`;
        return `${id} is being undone already${since}: ${before.reason ?? ""}`.replace(/: $/, ".");
      }
      return `${id} is being undone: ${changedIn(after)} back to what served before ${version.id}.`;
  }
}

function promotedText(before: Rollout, after: Rollout): string {
  const regions = Object.entries(after.regions).flatMap(([region, state]) => {
    const was = before.regions[region];
    const isNew = state.phase === "running" && state.isPromoted && !(was?.phase === "running" && was.isPromoted);
    return isNew ? [region] : [];
  });
  if (regions.length > 0)
    return `${after.id}: ${regions.join(", ")} ${regions.length === 1 ? "goes" : "go"} on without the rest of the pause.`;
  return after.isPromoted
    ? `${after.id}: the next wave begins without the rest of the bake time.`
    : `${after.id} was promoted already.`;
}

function changedIn({ regions }: Rollout): string {
  const undoing = Object.entries(regions).flatMap(([region, { phase }]) => (phase === "undoing" ? [region] : []));
  return `${undoing.join(", ")} ${undoing.length === 1 ? "goes" : "go"}`;
}

/** What is left where it could not all be undone; a line each. */
export const leftIn = ({ regions }: Rollout): readonly string[] =>
  Object.entries(regions).flatMap(([region, state]) =>
    "left" in state && state.left !== undefined ? [`${region}: ${state.left}`] : [],
  );
