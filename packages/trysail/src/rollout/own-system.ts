import { systemClock, type Log } from "@trysail/core";
import { calmPace, drive, localPace } from "@trysail/delivery";
import { type RolloutSystem } from "@trysail/delivery/aws";
import type { Rollouts } from "./connect-rollouts.ts";
import { openRolloutSystem } from "./worker.ts";

/** All that rollouts are made of, in this process. To be closed. */
export const ownSystem = ({ clientConfigIn: configIn, ...rollouts }: Rollouts, log: Log): Promise<RolloutSystem> =>
  openRolloutSystem({ ...rollouts, configIn, clock: systemClock(), log });

/** Goes on with one rollout in this process, until it is over and told to all, or the signal is given. */
export async function driveHere(rollouts: Rollouts, id: string, log: Log, signal: AbortSignal): Promise<void> {
  const { driver, close } = await ownSystem(rollouts, log);
  try {
    const pace = rollouts.isLocal ? localPace : calmPace;
    await drive({ driver, clock: systemClock(), log, pace }, id, signal);
  } finally {
    close();
  }
}
