import { createCloud, defaultRegions } from "@trysail/cloud";
import type { HostImages } from "@trysail/cloud";
import type { Region } from "@trysail/core";
import { TrysailError, codeOf, processStart, systemClock } from "@trysail/core";
import { localKey, writeEnvironmentFiles } from "../environment/environment-files.ts";
import type { AccessKey } from "../environment/environment-files.ts";
import { serveRollouts } from "../rollout/serve-rollouts.ts";
import { version } from "../version.ts";
import { prepareDataFolder } from "./data-folder.ts";
import { announceInstance, runningInstance, withdrawInstance } from "./instance.ts";
import type { Instance } from "./instance.ts";
import { openOwnLog } from "./own-log.ts";
import { portOwner } from "./port-owner.ts";

import { exitCodes } from "../exit-codes.ts";

export interface InstanceOptions {
  readonly data: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** @defaultValue the cloud's three */
  readonly regions?: readonly Region[] | undefined;
  /** The socket of the container engine that runs images. @defaultValue none */
  readonly containerEngine?: string | undefined;
  /** Images that need no engine. */
  readonly hostImages?: HostImages | undefined;
  /** Demanded from callers. @defaultValue `test`/`test` is accepted */
  readonly key?: AccessKey | undefined;
}

/** A Trysail that runs in this process. */
export interface LocalInstance extends Instance {
  /** Ends builds and all else that was started. */
  stop(): Promise<void>;
}

/**
 * Starts Trysail in this process, and tells of it in its data folder.
 *
 * @throws TrysailError `port-in-use`, `data-in-use`, `data-corrupt`, `not-our-folder`
 */
export async function runInstance({
  data,
  port,
  regions = defaultRegions,
  key,
  containerEngine,
  hostImages = {},
}: InstanceOptions): Promise<LocalInstance> {
  await prepareDataFolder(data);
  const other = await runningInstance(data);
  if (other !== undefined) throw dataInUse(other);
  const clock = systemClock();
  const { log, close } = await openOwnLog(data, clock);
  try {
    const cloud = await createCloud({
      dataFolder: data,
      port,
      regions,
      clock,
      log,
      containerEngine,
      hostImages,
      ...(key === undefined ? {} : { credentials: key }),
    });
    const instance: Instance = {
      endpoint: cloud.endpoint,
      pid: process.pid,
      processStart: processStart(process.pid) ?? "",
      startedAt: new Date(clock.now()).toISOString(),
      data,
      regions,
      version,
    };
    try {
      await writeEnvironmentFiles(instance, key ?? localKey);
      await announceInstance(instance);
    } catch (error) {
      await cloud.stop();
      throw error;
    }
    log.info("ready", { endpoint: cloud.endpoint, pid: process.pid, version });
    const home = regions[0] ?? "us-east-1";
    const rollouts = serveRollouts({ endpoint: cloud.endpoint, home, key: key ?? localKey, clock, log });
    return {
      ...instance,
      async stop() {
        await rollouts.stop();
        await cloud.stop();
        await withdrawInstance(instance);
        log.info("stopped", { pid: process.pid });
        await close();
      },
    };
  } catch (error) {
    log.error("could not start", { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    await close();
    throw codeOf(error) === "port-in-use" ? await portInUse(port, error) : error;
  }
}

/** What is told of a folder that a running Trysail has. */
export function dataInUse({ data, pid, endpoint }: Instance): TrysailError {
  return new TrysailError(
    "data-in-use",
    `Trysail runs with the data folder ${data} already, at ${endpoint} (pid ${pid}).`,
    {
      fault: "user",
      next: "Use that one, stop it with `trysail down`, or give this one another folder with --data.",
      exitCode: exitCodes.data,
    },
  );
}

async function portInUse(port: number, cause: unknown): Promise<TrysailError> {
  const owner = await portOwner(port);
  const by = owner === undefined ? "" : ` by pid ${owner.pid} (${owner.name})`;
  return new TrysailError("port-in-use", `Port ${port} is taken${by}; use --port.`, {
    fault: "user",
    next: "`--port 0` takes a free one.",
    cause,
    exitCode: exitCodes.portInUse,
  });
}
