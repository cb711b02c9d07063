import { isOver, statusText } from "@trysail/delivery";
import type { Rollout, RolloutView, StoredRollout } from "@trysail/delivery";

/** A rollout as it is looked at: what the page of it is made of. */
export interface ShownRollout {
  readonly stored: StoredRollout;
  /** What its regions looked like; undefined before the first look. */
  readonly view: RolloutView | undefined;
  /** Other rollouts of its cluster that go on: what one that is queued waits for. */
  readonly others: readonly string[];
  /** Whether it is a running Trysail's, which has a worker of its own. */
  readonly isLocal: boolean;
  /** The command that begins a worker for it. */
  readonly worker: string;
  /** Why it cannot be read at the moment: the rest is as it was last read. */
  readonly trouble: string | undefined;
}

/** What a rollout waits for, for people. */
export interface Waiting {
  /** What all of it waits for; undefined where only its regions do, and when it is over. */
  readonly whole: string | undefined;
  /** By region. */
  readonly regions: Readonly<Record<string, string>>;
}

/** So long after its lease is over, or after its start, a rollout that nobody goes on with is told to be one. */
const patienceMs = { local: 5_000, aws: 30_000 } as const;

/** Always says something, as long as it is not over. */
export function waitingOf(shown: ShownRollout, now: number): Waiting {
  const { rollout } = shown.stored;
  if (isOver(rollout)) return { whole: undefined, regions: {} };
  if (isAbandoned(shown, now))
    return { whole: `a worker, since none goes on with it: \`${shown.worker}\` is one`, regions: {} };
  if (rollout.status === "queued")
    return { whole: shown.others.length === 0 ? "its turn" : shown.others.join(", "), regions: {} };
  const told = shown.view?.waiting ?? {};
  const regions = Object.fromEntries(
    Object.entries(rollout.regions).flatMap(([region, state]) => {
      const { phase } = state;
      // What was seen before the region became what it is says nothing of it.
      const isOld = "since" in state && shown.view !== undefined && shown.view.at < state.since;
      const text = isOld ? undefined : told[region];
      // A look may be newer than the state: it is about to have succeeded.
      if (phase === "running" && text === "the other regions") return [[region, "its end"]];
      if (phase === "running" || phase === "undoing") return [[region, text ?? "its first look"]];
      // One that has succeeded waits for the others, which is no news, but for an answer it is.
      return text !== undefined && (phase === "pending" || text.startsWith("an answer")) ? [[region, text]] : [];
    }),
  );
  const whole = told[""];
  if (whole !== undefined) return { whole, regions };
  return { whole: Object.keys(regions).length === 0 ? nextLook(rollout) : undefined, regions };
}

/** As a sentence of its own: how many of the instances are healthy says how far it is. */
export const waitingText = (text: string): string => (/^\d/.test(text) ? `so far ${text}` : `waits for ${text}`);

/** How a rollout stands, in a word or two; what one that is queued waits for is told beside it. */
export function standingOf(rollout: Rollout): string {
  if (rollout.status === "queued") return "queued";
  return rollout.isPaused && !isOver(rollout) ? `${statusText(rollout)}, paused` : statusText(rollout);
}

const nextLook = ({ isPaused }: Rollout): string =>
  isPaused ? "`trysail rollout resume`" : "the next look at its regions";

function isAbandoned({ stored: { lease, rollout }, isLocal }: ShownRollout, now: number): boolean {
  const patience = isLocal ? patienceMs.local : patienceMs.aws;
  return now > (lease === undefined ? rollout.createdAt : lease.until) + patience;
}
