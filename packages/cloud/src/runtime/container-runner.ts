import { stat } from "node:fs/promises";
import type { Log } from "@trysail/core";
import { TrysailError, codeOf, messageOf } from "@trysail/core";
import type { ContainerInspectInfo } from "dockerode";
import { hearContainerEvents } from "./container/container-events.ts";
import { ensureNetwork, removeNetwork } from "./container/container-network.ts";
import type { ContainerNetwork } from "./container/container-network.ts";
import { containerName, containerOptions, folderLabel, keyLabel, outputLabel } from "./container/container-options.ts";
import { endOf, stopSignalOf } from "./container/container-state.ts";
import { answers, connectEngine, engineMessage, inspect, removeContainer, statusOf } from "./container/engine.ts";
import type { Engine } from "./container/engine.ts";
import { imagePulls } from "./container/image-pull.ts";
import { openRelay } from "./container/relay.ts";
import type { Relay } from "./container/relay.ts";
import { runningContainer } from "./container/running-container.ts";
import type { RunningContainer } from "./container/running-container.ts";
import type { ImageProgram } from "./images.ts";
import type { Job, Runner } from "./runner.ts";

export interface ContainerRunner extends Runner {
  readonly runsAs: "container";
  /** Whether an engine answers. It is looked for each time until one does. */
  isAvailable(): Promise<boolean>;
  /**
   * Lets containers reach Trysail, and removes those of the data folder that nobody has taken up. To be called once, when
   * the endpoint is open.
   */
  serve(endpoint: string): Promise<void>;
  /** Lets go of the engine. */
  close(): Promise<void>;
}

export interface ContainerRunnerOptions {
  /** Marks what belongs to this data folder. */
  readonly folderMark: string;
  /** Undefined: no engine is looked for. */
  readonly engineSocket: string | undefined;
  readonly log: Log;
}

interface Connection {
  readonly engine: Engine;
  readonly pulls: ReturnType<typeof imagePulls>;
}

/** Runs images by a container engine that speaks Docker's API. */
export function containerRunner({ folderMark, engineSocket, log }: ContainerRunnerOptions): ContainerRunner {
  const label = `${folderLabel}=${folderMark}`;
  const closing = new AbortController();
  const running = new Map<string, RunningContainer>();
  /** Containers that are being started, by name: nobody's yet, but not left over. */
  const starting = new Set<string>();
  let connecting: Promise<Connection | undefined> | undefined;
  let relay: Relay | undefined;
  let ensuring: Promise<ContainerNetwork> | undefined;
  let endpoint: string | undefined;

  const take = (engine: Engine, seen: ContainerInspectInfo, { outputFile }: Job): RunningContainer => {
    const containerId = seen.Id;
    const onGone = () => void running.delete(containerId);
    const output = { file: outputFile, startsAt: Number(seen.Config.Labels[outputLabel] ?? 0) };
    const taken = runningContainer(containerId, output, { engine, log, stopSignal: stopSignalOf(seen), onGone });
    running.set(containerId, taken);
    return taken;
  };

  /** Brings what is known into line with what the engine has. */
  const takeStock = async (engine: Engine) => {
    const listed = await engine.listContainers({ all: true, filters: { label: [label] } });
    for (const each of running.values()) void each.look();
    // Before, it is not known what will be taken up.
    if (endpoint === undefined) return;
    const leftovers = listed.filter(({ Id, Names }) => !running.has(Id) && !Names.some((name) => starting.has(name)));
    await Promise.all(leftovers.map(({ Id }) => removeContainer(engine, Id)));
  };

  const connect = async (socket: string): Promise<Connection | undefined> => {
    const engine = await connectEngine(socket);
    if (engine === undefined) return undefined;
    const events = {
      hears: () => takeStock(engine),
      ended: (containerId: string, exitCode: number | undefined) => void running.get(containerId)?.look(exitCode),
    };
    await hearContainerEvents(engine, label, events, closing.signal);
    return { engine, pulls: imagePulls(engine) };
  };

  const connection = async (): Promise<Connection | undefined> => {
    if (engineSocket === undefined) return undefined;
    connecting ??= connect(engineSocket).catch((error: unknown) => {
      log.warn("the container engine cannot be used", { socket: engineSocket, error: messageOf(error) });
      return undefined;
    });
    const found = await connecting;
    if (found === undefined) connecting = undefined;
    return found;
  };

  /** Asked for each time, since another Trysail that ends may have removed it. */
  const network = (engine: Engine): Promise<ContainerNetwork> =>
    (ensuring ??= ensureNetwork(engine).finally(() => (ensuring = undefined)));

  /** Containers cannot reach the loopback, so Trysail is relayed to where they can. @returns the endpoint for them */
  const reachable = async (gateway: string, isLastTry: boolean): Promise<string> => {
    const { hostname, port } = new URL(endpoint ?? "");
    // An engine in a virtual machine, as on macOS, passes this name on to the machine's own loopback.
    if (process.platform !== "linux") return `http://host.docker.internal:${port}`;
    try {
      relay ??= await openRelay({ host: gateway, port: Number(port) }, { host: hostname, port: Number(port) });
    } catch (error) {
      // Podman makes the gateway with the first container.
      const isTooEarly = !isLastTry && codeOf(error) === "EADDRNOTAVAIL";
      if (!isTooEarly) log.warn("containers cannot reach Trysail", { gateway, port, error: messageOf(error) });
    }
    return `http://${gateway}:${port}`;
  };

  const start = async ({ engine, pulls }: Connection, job: Job, program: ImageProgram): Promise<RunningContainer> => {
    await pulls.ensure(program.image);
    const { id: networkId, gateway } = await network(engine);
    const options = containerOptions(job, program, {
      folderMark,
      network: networkId,
      outputStart: await stat(job.outputFile).then(
        ({ size }) => size,
        () => 0,
      ),
      endpoint: { here: endpoint ?? "", inContainers: await reachable(gateway, false) },
    });
    const { id } = await created(engine, options);
    const taken = take(engine, await engine.getContainer(id).inspect(), job);
    try {
      await engine.getContainer(id).start();
    } catch (error) {
      taken.release();
      await removeContainer(engine, id);
      throw startFailure(error, program);
    }
    if (relay === undefined) await reachable(gateway, true);
    void taken.look();
    return taken;
  };

  return {
    runsAs: "container",
    async isAvailable() {
      const found = await connection();
      return found !== undefined && (await answers(found.engine));
    },
    async start(job) {
      const { program } = job;
      const found = await connection();
      if (program.kind !== "image" || found === undefined) throw new Error("There is no image or no engine.");
      const name = `/${containerName(folderMark, job.key)}`;
      starting.add(name);
      try {
        return await start(found, job, program);
      } finally {
        starting.delete(name);
      }
    },
    async adopt(job) {
      const found = await connection();
      const seen = found && (await inspect(found.engine, containerName(folderMark, job.key)));
      // One that was made and not started is left over.
      if (found === undefined || seen === undefined || seen.State.Status === "created") return undefined;
      const taken = take(found.engine, seen, job);
      const looked = taken.look();
      if (endOf(seen) === undefined) return taken;
      await looked;
      const ended = await taken.ended;
      await taken.kill();
      return ended;
    },
    async serve(at) {
      endpoint = at;
      const found = await connecting;
      if (found === undefined) return;
      try {
        await takeStock(found.engine);
        // Those that were taken up know the address already.
        if (running.size > 0) await reachable((await network(found.engine)).gateway, true);
      } catch (error) {
        log.warn("the container engine does not answer", { socket: engineSocket, error: messageOf(error) });
      }
    },
    async close() {
      closing.abort();
      await relay?.close();
      const found = await connecting;
      // The engine may have gone.
      if (found !== undefined) await removeNetwork(found.engine).catch(() => {});
    },
  };
}

/** Removes the containers of a data folder that no Trysail runs with. @returns their workloads */
export async function endLeftoverContainers(
  folderMark: string,
  engineSocket: string | undefined,
): Promise<readonly string[]> {
  const engine = engineSocket === undefined ? undefined : await connectEngine(engineSocket);
  if (engine === undefined) return [];
  const listed = await engine.listContainers({ all: true, filters: { label: [`${folderLabel}=${folderMark}`] } });
  await Promise.all(listed.map(({ Id }) => removeContainer(engine, Id)));
  if (listed.length > 0) await removeNetwork(engine);
  return listed.map(({ Labels }) => `workload/${Labels[keyLabel] ?? ""}`);
}

async function created(engine: Engine, options: Parameters<Engine["createContainer"]>[0]) {
  try {
    return await createdOnce(engine, options);
  } catch (error) {
    throw new TrysailError("image-not-available", `CannotCreateContainerError: ${engineMessage(error)}`, {
      fault: "user",
      cause: error,
    });
  }
}

async function createdOnce(engine: Engine, options: Parameters<Engine["createContainer"]>[0]) {
  try {
    return await engine.createContainer(options);
  } catch (error) {
    if (statusOf(error) !== 409 || options.name === undefined) throw error;
    // What an earlier run of the same workload has left.
    await removeContainer(engine, options.name);
    return engine.createContainer(options);
  }
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
function startFailure(error: unknown, { image }: ImageProgram): TrysailError {
  const message = engineMessage(error);
  const isMissing = /executable file not found|no such file or directory|permission denied/.test(message);
  return new TrysailError(
    isMissing ? "command-not-found" : "image-not-available",
    `CannotStartContainerError: ${message}`,
    { fault: "user", next: `Try it with the engine itself: docker run --rm ${image}`, cause: error },
  );
}
