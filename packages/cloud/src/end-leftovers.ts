import { stat } from "node:fs/promises";
import { join } from "node:path";
import { openProcesses } from "./runtime/local-processes.ts";
import { lockFolder } from "./store/folder-lock.ts";

/**
 * Ends the builds that a Trysail of this data folder, which runs no more, has left behind.
 *
 * @returns their ids
 * @throws TrysailError `data-in-use` if one does run: its builds are not ours to end
 */
export async function endLeftovers(dataFolder: string): Promise<readonly string[]> {
  const state = join(dataFolder, "state");
  const hasRun = await stat(state).catch(() => undefined);
  if (hasRun === undefined) return [];
  const unlock = await lockFolder(state);
  try {
    return await (await openProcesses({ dataFolder })).reapLeftovers();
  } finally {
    await unlock();
  }
}
