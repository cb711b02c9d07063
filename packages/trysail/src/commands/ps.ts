import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { instancesOf } from "../fleet/instances.ts";
import { fleetLines } from "../fleet/table.ts";
import { tasksOf } from "../fleet/tasks.ts";
import type { Fleet, RunningWorkload } from "../fleet/workload.ts";
import { askInstance } from "../instance/management.ts";
import { processTerminal } from "../terminal/terminal.ts";

/** `trysail ps`: the instances and tasks of all regions, and the processes behind them. */
export async function ps(options: {
  readonly data?: string;
  readonly region?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}): Promise<number> {
  const { line, note, style } = processTerminal();
  const connection = await connect(options.data);
  const { workloads } = (await askInstance(connection.instance, "workloads")) as {
    readonly workloads: readonly RunningWorkload[];
  };
  const regions = options.region === undefined ? connection.instance.regions : [options.region];
  const fleets = await Promise.all(
    regions.flatMap((region) => {
      const config = connection.configIn(region);
      const own = workloads.filter((workload) => workload.region === region);
      return [instancesOf(config, own), tasksOf(config, own)];
    }),
  );
  const fleet: Fleet = {
    members: fleets.flatMap(({ members }) => members),
    troubles: fleets.flatMap(({ troubles }) => troubles),
  };
  if (options.json === true) {
    line(JSON.stringify(fleet));
    return exitCodes.ok;
  }
  const lines = fleetLines(fleet, { all: options.all === true, now: Date.now(), bold: style.bold });
  if (lines.length === 0) note("No instance and no task runs. What has ended is shown with --all.");
  for (const text of lines) line(text);
  return exitCodes.ok;
}
