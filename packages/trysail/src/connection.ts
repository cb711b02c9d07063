import { homedir } from "node:os";
import { changed, environmentChanges } from "./environment/environment.ts";
import { destinationOf } from "./environment/environment-files.ts";
import { findDataFolder } from "./instance/data-folder.ts";
import { requireInstance } from "./instance/instance.ts";
import type { Instance } from "./instance/instance.ts";

/** What an SDK client of Trysail's is made with. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

/** A running Trysail, and the way to talk to it. */
export interface Connection {
  readonly instance: Instance;
  configIn(region: string): ClientConfig;
}

/** The data folder that this process's command line, environment and folder mean. */
export function dataFolderOf(option: string | undefined): Promise<string> {
  return findDataFolder({
    option,
    environment: process.env,
    currentFolder: process.cwd(),
    home: homedir(),
    platform: process.platform,
  });
}

/**
 * Finds the running Trysail. This process's environment becomes what `trysail exec` gives to commands, so that no
 * setting of the user's own reaches the SDK clients that are loaded after this.
 *
 * @throws TrysailError `not-running`
 */
export async function connect(dataOption: string | undefined): Promise<Connection> {
  return connectTo(await requireInstance(await dataFolderOf(dataOption)));
}

export async function connectTo(instance: Instance): Promise<Connection> {
  const destination = await destinationOf(instance);
  process.env = changed(process.env, environmentChanges(process.env, destination));
  // The clients say at each start that they want a newer Node; ours are pinned to versions that run on this one.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  const { endpoint, accessKeyId, secretAccessKey } = destination;
  return {
    instance,
    configIn: (region) => ({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 2 }),
  };
}
