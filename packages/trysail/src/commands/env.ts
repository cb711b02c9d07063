import { dataFolderOf } from "../connection.ts";
import { destinationOf } from "../environment/environment-files.ts";
import { environmentChanges, shellCommands } from "../environment/environment.ts";
import { exitCodes } from "../exit-codes.ts";
import { requireInstance } from "../instance/instance.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface EnvOptions {
  readonly data?: string;
  readonly region?: string;
  readonly shell?: "bash" | "zsh" | "fish";
  readonly json?: boolean;
}

/** `trysail env`: what `trysail exec` sets, for a shell. With `--json`, a variable that is to be unset is null. */
export async function env({ data, region, shell, json }: EnvOptions): Promise<number> {
  const { line } = processTerminal();
  const instance = await requireInstance(await dataFolderOf(data));
  const changes = environmentChanges(process.env, await destinationOf(instance, region));
  if (json === true) {
    line(JSON.stringify(Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value ?? null]))));
    return exitCodes.ok;
  }
  const isFish = shell === "fish" || (shell === undefined && /(^|\/)fish$/.test(process.env["SHELL"] ?? ""));
  for (const command of shellCommands(changes, isFish ? "fish" : "posix")) line(command);
  return exitCodes.ok;
}
