/** How a process ended. */
export interface Exit {
  /** Undefined if a signal ended it. */
  readonly code?: number;
  readonly signal?: NodeJS.Signals;
  /** The system has ended it, or something of its tree, because it wanted more memory than its limit. */
  readonly outOfMemory?: true;
}

/** Applied where the system allows it; `trysail doctor` says whether it does. */
export interface Limits {
  readonly memoryMib?: number;
  /** Of one processor's time: 0.25, 2. */
  readonly cpus?: number;
}

export interface ProcessSpec {
  /** Marks the whole tree, escapees included: whoever inherits the environment can be found by it. Unique. */
  readonly treeId: string;
  /** An executable, looked up in the `PATH` of `environment`; no shell. */
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited from Trysail's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Called with what the process writes, both streams in the order in which it arrives. */
  readonly onOutput?: (chunk: Buffer) => void;
  /** Leaves the standard input open for {@link RunningProcess.write}. @defaultValue false: it is empty */
  readonly hasInput?: boolean;
  /** Those of the whole tree: what the first process of the tree is started with. @defaultValue none */
  readonly limits?: Limits;
}

export interface RunningProcess {
  readonly pid: number;
  /** Resolves when the process has ended and its output has been read. Children of its own may live on. */
  readonly exited: Promise<Exit>;
  /** Writes to the standard input of a process that was started with `hasInput`. Does nothing once it has ended. */
  write(text: string): void;
}

/** Operating-system processes. */
export interface Processes {
  /** @throws TrysailError `command-not-found` (fault: user) if there is no such executable */
  start(spec: ProcessSpec): Promise<RunningProcess>;
  /** Ends the tree: the process, its descendants, and whatever of them has escaped its session. Resolves when none is left. */
  killTree(treeId: string): Promise<void>;
  /** Ends every tree that an earlier Trysail of the same data folder has left. @returns their ids */
  reapLeftovers(): Promise<readonly string[]>;
}
