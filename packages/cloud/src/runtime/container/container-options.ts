import type { ContainerCreateOptions } from "dockerode";
import type { ImageProgram } from "../images.ts";
import type { Job } from "../runner.ts";

/** Names the data folder that a container belongs to. */
export const folderLabel = "trysail.folder";
/** Names the workload among those of the folder. */
export const keyLabel = "trysail.workload";
/** How long the output file was before it: where its own output begins. */
export const outputLabel = "trysail.output-start";

/** The name that a workload's container has: the same each time, so that there is never a second one. */
export function containerName(folderMark: string, key: string): string {
  return `trysail-${folderMark}-${key}`;
}

export interface Surroundings {
  readonly folderMark: string;
  readonly network: string;
  readonly outputStart: number;
  /** Trysail's endpoint as programs of this machine know it, and as containers reach it. */
  readonly endpoint: { readonly here: string; readonly inContainers: string };
}

/** What the engine is asked for. */
export function containerOptions(
  job: Pick<Job, "key" | "address" | "given" | "reachedAt" | "limits">,
  program: ImageProgram,
  { folderMark, network, outputStart, endpoint }: Surroundings,
): ContainerCreateOptions {
  const { port, environment } = job.given;
  // On all of the container's addresses: the workload's own is where its ports are published.
  const whole = { PORT: String(port), ...environment, HOST: "0.0.0.0" };
  const { memoryMib, cpus } = job.limits;
  return {
    name: containerName(folderMark, job.key),
    Image: program.image,
    ...(program.entryPoint === undefined ? {} : { Entrypoint: [...program.entryPoint] }),
    ...(program.command === undefined ? {} : { Cmd: [...program.command] }),
    ...(program.workingDirectory === undefined ? {} : { WorkingDir: program.workingDirectory }),
    ...(program.user === undefined ? {} : { User: program.user }),
    Env: Object.entries(whole).map(
      ([name, value]) => `${name}=${value.replaceAll(endpoint.here, endpoint.inContainers)}`,
    ),
    Labels: { [folderLabel]: folderMark, [keyLabel]: job.key, [outputLabel]: String(outputStart) },
    ExposedPorts: Object.fromEntries(program.ports.map((port) => [`${port}/tcp`, {}])),
    HostConfig: {
      // As in ECS, unless the task asks for one: with it, a program that does not exist would start and end.
      Init: false,
      NetworkMode: network,
      RestartPolicy: { Name: "no" },
      PortBindings: Object.fromEntries(
        program.ports.map((port) => [`${port}/tcp`, [{ HostIp: job.address, HostPort: String(job.reachedAt(port)) }]]),
      ),
      // Kept whole: what has been copied from it is known by its length.
      LogConfig: { Type: "json-file", Config: {} },
      // Swap counts too.
      ...(memoryMib === undefined ? {} : { Memory: memoryMib * 2 ** 20, MemorySwap: memoryMib * 2 ** 20 }),
      ...(cpus === undefined ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
    },
  };
}
