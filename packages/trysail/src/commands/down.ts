import { endLeftovers, engineSocket } from "@trysail/cloud";
import { dataFolderOf } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { isDataFolder } from "../instance/data-folder.ts";
import { runningInstance } from "../instance/instance.ts";
import { stopInstance } from "../instance/stop-instance.ts";
import { processTerminal } from "../terminal/terminal.ts";

/** `trysail down`: also ends what a Trysail that crashed has left running. Succeeds if nothing runs. */
export async function down(options: { readonly data?: string; readonly json?: boolean }): Promise<number> {
  const terminal = processTerminal({ isQuiet: options.json === true });
  const data = await dataFolderOf(options.data);
  const instance = await runningInstance(data);
  if (instance !== undefined) {
    terminal.note(`Stopping Trysail at ${instance.endpoint} (pid ${instance.pid}).`);
    const { killed } = await stopInstance(instance);
    if (killed) terminal.note("It did not stop in time, and was killed.");
  }
  const leftovers = (await isDataFolder(data))
    ? await endLeftovers(data, { containerEngine: await engineSocket(process.env) })
    : [];
  const endedWorkloads = leftovers.filter((treeId) => treeId.startsWith("workload/")).length;
  const endedBuilds = leftovers.length - endedWorkloads;
  if (options.json === true)
    terminal.line(JSON.stringify({ stopped: instance?.pid ?? null, data, endedWorkloads, endedBuilds }));
  else if (instance === undefined && leftovers.length === 0)
    terminal.line(`No Trysail is running with the data folder ${data}.`);
  else terminal.line(`Stopped. The data stays in ${data}.`);
  return exitCodes.ok;
}
