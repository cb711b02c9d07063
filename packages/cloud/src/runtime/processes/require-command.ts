import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { TrysailError } from "@trysail/core";

/**
 * Makes sure that a command and its folder are there, as a shell would look for them.
 *
 * @throws TrysailError `folder-not-found`, `command-not-found` (fault: user)
 */
export function requireCommand(command: string, cwd: string, path: string): void {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new TrysailError("folder-not-found", `There is no folder ${cwd} to run ${command} in.`, { fault: "user" });
  }
  const candidates = command.includes("/")
    ? [isAbsolute(command) ? command : resolve(cwd, command)]
    : path.split(":").map((folder) => resolve(cwd, join(folder, command)));
  if (candidates.some(isExecutable)) return;
  throw new TrysailError("command-not-found", `There is no command "${command}" on this machine's PATH.`, {
    fault: "user",
    next: "Install it, or give the PATH that leads to it.",
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
