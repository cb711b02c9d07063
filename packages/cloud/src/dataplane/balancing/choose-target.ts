/** What choosing needs to know of a target. */
export interface Candidate {
  readonly inFlight: number;
  /** When it began to serve, for the slow start. */
  readonly servingSince: number;
}

export type Algorithm = "round_robin" | "least_outstanding_requests" | "weighted_random";

export interface Choice {
  readonly algorithm: Algorithm;
  /** 0: targets get their whole share at once. */
  readonly slowStartMs: number;
  readonly now: number;
  /** Between 0 and 1. */
  readonly random: number;
  /** Counts up with each choice of the group. */
  readonly turn: number;
}

/** No target in its slow start gets less than this part of its share: one that gets nothing would never warm up. */
const leastShare = 0.05;

/**
 * The part of its share that a target gets: grows in a straight line through the slow start.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#slow-start-mode
 */
export function shareOf(candidate: Candidate, slowStartMs: number, now: number): number {
  if (slowStartMs <= 0) return 1;
  return Math.min(1, Math.max(leastShare, (now - candidate.servingSince) / slowStartMs));
}

/** The target that gets the next request. Undefined if there is none. */
export function chooseTarget<T extends Candidate>(candidates: readonly T[], choice: Choice): T | undefined {
  if (candidates.length <= 1) return candidates[0];
  if (choice.algorithm === "least_outstanding_requests") return leastOutstanding(candidates, choice.turn);
  const isWarm =
    choice.slowStartMs <= 0 || candidates.every((one) => shareOf(one, choice.slowStartMs, choice.now) >= 1);
  if (!isWarm) return byShare(candidates, choice);
  return choice.algorithm === "weighted_random"
    ? candidates[Math.floor(choice.random * candidates.length)]
    : candidates[choice.turn % candidates.length];
}

function leastOutstanding<T extends Candidate>(candidates: readonly T[], turn: number): T | undefined {
  let best: T | undefined;
  for (let index = 0; index < candidates.length; index++) {
    // Begins elsewhere each time, so that equals share.
    const candidate = candidates[(turn + index) % candidates.length];
    if (candidate !== undefined && (best === undefined || candidate.inFlight < best.inFlight)) best = candidate;
  }
  return best;
}

function byShare<T extends Candidate>(candidates: readonly T[], { slowStartMs, now, random }: Choice): T | undefined {
  const shares = candidates.map((candidate) => shareOf(candidate, slowStartMs, now));
  return pickWeighted(candidates, shares, random);
}

/** One of the items, each as likely as its weight. Undefined if all weigh nothing. */
export function pickWeighted<T>(items: readonly T[], weights: readonly number[], random: number): T | undefined {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  if (whole <= 0) return undefined;
  let left = random * whole;
  for (const [index, item] of items.entries()) {
    left -= weights[index] ?? 0;
    if (left < 0) return item;
  }
  return items.at(-1);
}
