import { randomUUID } from "node:crypto";
import { systemClock, type Log } from "@trysail/core";
import { calmPace, drive, localPace, rolloutSystem, type RolloutSystem } from "@trysail/delivery";
import type { Rollouts } from "./connect-rollouts.ts";

/** All that rollouts are made of, in this process. To be closed. */
export const ownSystem = (rollouts: Rollouts, log: Log): RolloutSystem =>
  rolloutSystem({
    home: rollouts.home,
    bucket: rollouts.bucketName,
    configIn: rollouts.clientConfigIn,
    pace: paceOf(rollouts),
    worker: `${process.pid}-${randomUUID()}`,
    clock: systemClock(),
    log,
    random: Math.random,
  });

export const paceOf = ({ isLocal }: Rollouts) => (isLocal ? localPace : calmPace);

/** Goes on with one rollout in this process, until it is over and told to all, or the signal is given. */
export async function driveHere(rollouts: Rollouts, id: string, log: Log, signal: AbortSignal): Promise<void> {
  const system = ownSystem(rollouts, log);
  try {
    await drive({ driver: system.driver, clock: systemClock(), log, pace: paceOf(rollouts) }, id, signal);
  } finally {
    system.close();
  }
}
