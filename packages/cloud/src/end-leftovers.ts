import { openProcesses } from "./runtime/local-processes.ts";

/**
 * Ends the builds that a Trysail of this data folder, which runs no more, has left behind.
 *
 * @returns their ids
 */
export async function endLeftovers(dataFolder: string): Promise<readonly string[]> {
  return (await openProcesses({ dataFolder })).reapLeftovers();
}
