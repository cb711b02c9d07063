import { rm } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { isatty } from "node:tty";
import { endLeftovers, engineSocket } from "@trysail/cloud";
import { TrysailError } from "@trysail/core";
import { dataFolderOf } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { usageError } from "../failure.ts";
import { isDataFolder, notOurs } from "../instance/data-folder.ts";
import { runningInstance } from "../instance/instance.ts";
import type { Instance } from "../instance/instance.ts";
import { stopInstance } from "../instance/stop-instance.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface ResetOptions {
  readonly data?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `trysail reset`: deletes the data folder, if it is one. */
export async function reset(options: ResetOptions): Promise<number> {
  const terminal = processTerminal({ isQuiet: options.json === true });
  const data = await dataFolderOf(options.data);
  if (!(await isDataFolder(data))) throw notOurs(data, "is no data folder of Trysail's, so nothing was deleted");
  const instance = await runningInstance(data);
  if (options.yes !== true && !(await isConfirmed(data, instance))) {
    throw new TrysailError("not-confirmed", "Nothing was deleted.", { fault: "user" });
  }
  if (instance !== undefined) await stopInstance(instance);
  await endLeftovers(data, { containerEngine: await engineSocket(process.env) });
  await rm(data, { recursive: true, force: true });
  terminal.line(options.json === true ? JSON.stringify({ deleted: data }) : `Deleted ${data}.`);
  return exitCodes.ok;
}

async function isConfirmed(data: string, instance: Instance | undefined): Promise<boolean> {
  if (!isatty(0) || !isatty(1)) {
    throw usageError(`This deletes everything in ${data}.`, "Say --yes to do it.");
  }
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const first = instance === undefined ? "" : `Trysail runs with it (pid ${instance.pid}) and is stopped first. `;
    return /^y(es)?$/i.test((await asking.question(`${first}Delete everything in ${data}? [y/N] `)).trim());
  } finally {
    asking.close();
  }
}
