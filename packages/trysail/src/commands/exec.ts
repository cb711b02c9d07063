import { dataFolderOf } from "../connection.ts";
import { destinationOf } from "../environment/environment-files.ts";
import { changed, commandToRun, environmentChanges } from "../environment/environment.ts";
import { runCommand } from "../environment/run-command.ts";
import { requireInstance } from "../instance/instance.ts";

/** `trysail exec -- COMMAND` */
export async function exec(
  command: readonly string[],
  { data, region }: { readonly data?: string; readonly region?: string },
): Promise<number> {
  const instance = await requireInstance(await dataFolderOf(data));
  const environment = changed(process.env, environmentChanges(process.env, await destinationOf(instance, region)));
  return runCommand(commandToRun(command, instance.endpoint), environment);
}
