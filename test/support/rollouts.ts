import { parseRollout, type Rollout, type RolloutSpec } from "@trysail/delivery";

/** The spec that a `rollout.yaml` says. */
export function specOf(text: string): RolloutSpec {
  const read = parseRollout(text);
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  return read.spec;
}

/** How it ended, with the reason if there is one. */
export const endOf = ({ status, reason }: Rollout): string => (reason === undefined ? status : `${status}: ${reason}`);
