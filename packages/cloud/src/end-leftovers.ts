import { stat } from "node:fs/promises";
import { join } from "node:path";
import { openTrees } from "./runtime/processes/trees.ts";
import { forgetWorkloads } from "./runtime/workloads/records.ts";
import { lockFolder } from "./store/folder-lock.ts";

/**
 * Ends the instances, tasks and builds that a Trysail of this data folder, which runs no more, has left behind.
 *
 * @returns their ids
 * @throws TrysailError `data-in-use` if one does run: what it has started is not ours to end
 */
export async function endLeftovers(dataFolder: string): Promise<readonly string[]> {
  const state = join(dataFolder, "state");
  const hasRun = await stat(state).catch(() => undefined);
  if (hasRun === undefined) return [];
  const unlock = await lockFolder(state);
  try {
    const trees = await openTrees(dataFolder);
    const workloads = join(dataFolder, "workloads");
    const ended = await trees.killOthers(() => false);
    forgetWorkloads(workloads);
    return ended;
  } finally {
    await unlock();
  }
}
