import type { Millis } from "@trysail/core";
import type { TreeUsages } from "./processes/tree-usage.ts";
import type { Usage } from "./usage.ts";
import type { Exit, Limits } from "./processes.ts";
import type { Program, Workload, WorkloadSpec } from "./workloads.ts";

/** What a runner is to run: a workload whose address and environment are settled. */
export interface Job {
  /** Names it among the workloads of this data folder: short, and made of letters and digits. */
  readonly key: string;
  readonly program: Program;
  /** Whole: with `HOST`, `PORT` and what programs of this machine need. */
  readonly environment: Readonly<Record<string, string>>;
  readonly address: string;
  /** What the workload was given of it, and the port that `PORT` tells there: for a program with a network of its own. */
  readonly given: Required<Pick<WorkloadSpec, "environment" | "port">>;
  /** The port of the address at which a port of the program is reached. */
  readonly reachedAt: (port: number) => number;
  readonly limits: Limits;
  /** Of its own, and there: where the runner may keep what it needs to find the workload again. */
  readonly folder: string;
  /** What the program writes is appended to it. */
  readonly outputFile: string;
}

export interface Ended {
  readonly exit: Exit;
  /** Undefined: now. */
  readonly endedAt?: Millis;
  readonly outOfMemory: boolean;
}

/** A program that runs. */
export interface Running {
  readonly pid: number | undefined;
  /** Resolves when the program has ended. */
  readonly ended: Promise<Ended>;
  /** Sends the program SIGTERM or SIGKILL. Nothing happens if it has ended. */
  signal(signal: "SIGTERM" | "SIGKILL"): void;
  /** Ends whatever is left of it, and removes what the runner keeps of it outside of its folder. Can be repeated. */
  kill(): Promise<void>;
  execute(
    command: readonly string[],
    options: { readonly timeoutMs: Millis },
  ): Promise<{ readonly exit: Exit; readonly output: string }>;
  /** What it uses. @param trees - what is used on this machine. @returns undefined if nobody can tell */
  usage(trees: TreeUsages): Promise<Usage | undefined>;
  /** Lets go of it: it goes on, and `ended` stays open. */
  release(): void;
}

/** How programs are run: as processes of this machine, or by a container engine. */
export interface Runner {
  readonly runsAs: Workload["runsAs"];
  /**
   * Runs it. Resolves when the program runs.
   *
   * @throws TrysailError `command-not-found`, `folder-not-found`, `image-not-available`
   */
  start(job: Job): Promise<Running>;
  /**
   * Takes up what an earlier Trysail has started: running still, or ended meanwhile. Undefined if nobody can tell, for
   * instance since the machine was started anew; nothing is left of it then.
   */
  adopt(job: Job): Promise<Running | Ended | undefined>;
}

/** Chooses how an image is run. */
export interface ImageRunner {
  /**
   * By the engine, or as a process of this machine.
   *
   * @throws TrysailError `image-not-available` (fault: user)
   */
  choose(
    job: Job,
  ): Promise<
    { readonly runsAs: "container" } | { readonly runsAs: "process"; readonly program: Program & { kind: "process" } }
  >;
  readonly containers: Runner;
}
