import type { Millis } from "@trysail/core";
import type { Exit, Limits } from "./processes.ts";

/**
 * Whose a workload is: the service that started it, and its name there (an instance's id, a task's and container's).
 * `account` and `region` are as in {@link RowScope}.
 */
export interface WorkloadId {
  readonly service: string;
  readonly account: string;
  readonly region: string;
  readonly name: string;
}

/** What a workload runs. */
export type Program =
  | {
      readonly kind: "process";
      /** An executable, looked up in the `PATH` of the environment; no shell. */
      readonly command: string;
      readonly args: readonly string[];
      readonly cwd: string;
    }
  | {
      /** By a container engine where one answers; on the host's toolchain where the image is a known language base. */
      readonly kind: "image";
      readonly image: string;
      readonly entryPoint?: readonly string[];
      readonly command?: readonly string[];
      readonly workingDirectory?: string;
      readonly user?: string;
      /** Ports that the image's program listens on, published on the workload's address. */
      readonly ports: readonly number[];
      /** Where the program runs when it runs on the host: a folder of its own. */
      readonly hostFolder: string;
    };

export interface WorkloadSpec {
  readonly id: WorkloadId;
  readonly program: Program;
  /**
   * The environment, beside which the runtime sets `HOST` and, where it is not given here, `PORT`. Nothing else is
   * inherited but what programs of this machine need (`PATH`, a locale).
   */
  readonly environment: Readonly<Record<string, string>>;
  /** The port that `PORT` tells: what the application is expected to serve on. @defaultValue 8080 */
  readonly port?: number;
  /** Whose address to take: that of a task, for its containers. @defaultValue its own */
  readonly addressOf?: WorkloadId;
  readonly limits?: Limits;
}

/** How a workload is. One that the runtime does not know (any more) has never run or was forgotten. */
export type Workload = {
  readonly id: WorkloadId;
  /** Where it is reached. Of its own where the system has more than one loopback address. */
  readonly address: string;
  /** What the program has written, both streams, in the order in which it arrived. */
  readonly outputFile: string;
  readonly startedAt: Millis;
  /** By a container engine, or as a process of this machine. */
  readonly runsAs: "container" | "process";
} & (
  | {
      readonly state: "running";
      /** The program's process as this machine sees it; undefined for a container's. */
      readonly pid: number | undefined;
    }
  | {
      readonly state: "ended";
      /** Empty if nobody could tell how it ended. */
      readonly exit: Exit;
      readonly endedAt: Millis;
      /** Whether it ended because it used more memory than it may. */
      readonly outOfMemory: boolean;
    }
);

/**
 * What runs for long and goes on when Trysail itself dies: instances, tasks' containers, the data plane's workers. At
 * the next start they are adopted. What they are for is in their service's tables; this only knows what runs.
 */
export interface Workloads {
  /** Whether each workload has an address of its own; otherwise they share 127.0.0.1 and ports tell them apart. */
  readonly hasOwnAddresses: boolean;
  /**
   * Starts a workload; resolves when its program runs. One of that id which runs already is left as it is; one that has
   * ended is started anew.
   *
   * @throws TrysailError `command-not-found`, `image-not-available` (fault: user), whose message says why
   */
  start(spec: WorkloadSpec): Promise<Workload>;
  find(id: WorkloadId): Workload | undefined;
  /** Those of a service, in every account and region. */
  list(service: string): readonly Workload[];
  /**
   * Asks the program to end (SIGTERM), and ends the whole tree when it has, at the latest after the grace. Resolves when
   * nothing of it runs. It is then `ended`, and can be started again.
   */
  stop(id: WorkloadId, options: { readonly graceMs: Millis }): Promise<void>;
  /** Ends it whole at once and forgets it, its address and its output. Succeeds if it is unknown. */
  remove(id: WorkloadId): Promise<void>;
  /**
   * Runs a command where the workload runs: with its environment, in its container. What is still running after the
   * timeout is ended, and told as a signal.
   */
  execute(
    id: WorkloadId,
    command: readonly string[],
    options: { readonly timeoutMs: Millis },
  ): Promise<{ readonly exit: Exit; readonly output: string }>;
  /**
   * An address, kept for that id until it is removed: for what must tell its address before it starts, or never starts
   * anything. The same each time.
   */
  reserveAddress(id: WorkloadId): string;
  /**
   * Where a port of a workload, or of an id whose address is reserved, is really reached: elsewhere than asked for where
   * the system does not allow that.
   */
  reach(id: WorkloadId, port: number): { readonly host: string; readonly port: number };
  /** Calls `listener` after each start and end of a workload. Returns the way to unsubscribe. */
  onChange(listener: (id: WorkloadId) => void): () => void;
  /**
   * Calls `listener` soon after a workload has written something: its output file has grown. Returns the way to
   * unsubscribe.
   */
  onOutput(listener: (id: WorkloadId) => void): () => void;
  /**
   * Says that the beginning of a workload's output is needed no longer. Its disk space is given back now and then, where
   * the system can do that; the file keeps its length, so places in it stay what they are.
   */
  releaseOutput(id: WorkloadId, upToBytes: number): void;
}
