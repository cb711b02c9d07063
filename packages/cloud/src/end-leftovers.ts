import type { CloudOptions } from "./cloud.ts";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { endLeftoverContainers } from "./runtime/container-runner.ts";
import { folderMarkOf, openTrees } from "./runtime/processes/trees.ts";
import { forgetWorkloads } from "./runtime/workloads/records.ts";
import { lockFolder } from "./store/folder-lock.ts";

/**
 * Ends the instances, tasks and builds that a Trysail of this data folder, which runs no more, has left behind.
 *
 * @param options.containerEngine - the socket of the engine that may have containers of it
 * @returns their ids
 * @throws TrysailError `data-in-use` if one does run: what it has started is not ours to end
 */
export async function endLeftovers(
  dataFolder: string,
  { containerEngine }: Pick<CloudOptions, "containerEngine"> = {},
): Promise<readonly string[]> {
  const state = join(dataFolder, "state");
  const hasRun = await stat(state).catch(() => undefined);
  if (hasRun === undefined) return [];
  const unlock = await lockFolder(state);
  try {
    const trees = await openTrees(dataFolder);
    const workloads = join(dataFolder, "workloads");
    const ended = await trees.killOthers(() => false);
    const containers = await endLeftoverContainers(await folderMarkOf(dataFolder), containerEngine);
    forgetWorkloads(workloads);
    return [...ended, ...containers];
  } finally {
    await unlock();
  }
}
