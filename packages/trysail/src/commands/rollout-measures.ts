import { clusterName, deliveryMeasures, endedRollout } from "@trysail/delivery";
import type { DeliveryMeasures } from "@trysail/delivery";
import { exitCodes } from "../exit-codes.ts";
import { connectRollouts } from "../rollout/connect-rollouts.ts";
import type { RolloutsOptions } from "../rollout/connect-rollouts.ts";
import { clusterOf, readAll } from "../rollout/find-rollout.ts";
import { inColumns } from "../terminal/columns.ts";
import { durationText } from "../terminal/duration.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface MeasuresOptions extends RolloutsOptions {
  readonly days: number;
  readonly json?: boolean;
}

const dayMs = 86_400_000;

/** `trysail rollout measures`: how well a cluster is delivered. */
export async function measures(name: string, options: MeasuresOptions): Promise<number> {
  const { line } = processTerminal({ isQuiet: options.json === true });
  const cluster = clusterOf(name);
  const { store } = await connectRollouts(options);
  const to = Date.now();
  const stored = await readAll(store, await store.ended(cluster));
  const ended = stored.flatMap(({ value }) => endedRollout(value.rollout) ?? []);
  const measured = deliveryMeasures(ended, { from: to - options.days * dayMs, to });
  if (options.json === true) line(JSON.stringify({ cluster: clusterName(cluster), days: options.days, ...measured }));
  else for (const row of measureLines(measured, options.days)) line(row);
  return exitCodes.ok;
}

/** What was not measured says so. */
export function measureLines(measured: DeliveryMeasures, days: number): string[] {
  const time = (ms: number | null) => (ms === null ? "not measured" : durationText(ms));
  const { deployments, deploymentsPerDay, leadTimeMs, changeFailureRate, timeToRestoreMs } = measured;
  return inColumns([
    ["deployments", `${deployments} in ${days} days, ${Number(deploymentsPerDay.toPrecision(2))} a day`],
    [
      "lead time",
      `${time(leadTimeMs)}${leadTimeMs === null ? ": give --commit at the start" : ", from commit to all regions"}`,
    ],
    ["change failure rate", changeFailureRate === null ? "not measured" : `${Math.round(changeFailureRate * 100)} %`],
    ["time to restore", time(timeToRestoreMs)],
  ]);
}
