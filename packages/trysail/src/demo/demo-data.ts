import { rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { endLeftovers, engineSocket } from "@trysail/cloud";
import { isDataFolder, notOurs, prepareDataFolder } from "../instance/data-folder.ts";
import { runningInstance } from "../instance/instance.ts";
import { dataInUse } from "../instance/run-instance.ts";

/** Marks a data folder as one that the demonstration made, and so may delete. */
const markerName = "demonstration";

/**
 * An empty data folder for the demonstration. What an earlier one has left, by a crash, is deleted.
 *
 * @throws TrysailError `data-in-use`, `not-our-folder` for a folder that holds anybody's work
 */
export async function prepareDemoData(folder: string): Promise<void> {
  if (await isDataFolder(folder)) {
    const running = await runningInstance(folder);
    if (running !== undefined) throw dataInUse(running);
    const isOurs = await stat(join(folder, markerName)).catch(() => undefined);
    if (isOurs === undefined) throw notOurs(folder, "is in use for work of your own");
    await removeDemoData(folder);
  }
  await prepareDataFolder(folder);
  await writeFile(join(folder, markerName), "Made by npm start, which deletes this folder when it ends.\n");
}

export async function removeDemoData(folder: string): Promise<void> {
  await endLeftovers(folder, { containerEngine: await engineSocket(process.env) });
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
