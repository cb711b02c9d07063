import { rm } from "node:fs/promises";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "@trysail/core";
import type { Log } from "@trysail/core";
import type { WorkloadId, Workloads } from "../runtime/workloads.ts";
import { openChannel } from "./channel/json-lines.ts";
import type { Channel } from "./channel/json-lines.ts";
import type { FromWorker, ToWorker } from "./channel/messages.ts";
import { socketPath } from "./channel/socket-path.ts";
import type { PlaneConfig, TargetHealth } from "./data-plane.ts";
import type { Traffic } from "./traffic/counters.ts";

export interface RegionPlaneOptions {
  readonly id: WorkloadId;
  /** The worker's own. */
  readonly folder: string;
  readonly workloads: Pick<Workloads, "start" | "find" | "remove">;
  /** The worker's program, in JavaScript. */
  readonly workerFile: () => Promise<string>;
  readonly log: Log;
  readonly invokeFunction: (functionArn: string, payload: string) => Promise<string | undefined>;
  readonly changed: () => void;
  readonly trafficTold: () => void;
}

type Failures = Readonly<Record<string, string>>;

/** How often a worker that starts is asked whether it is there. */
const firstLookMs = 5;
const longestLookMs = 100;
/** A worker that ended sooner than this is not started again at once. */
const soundMs = 5_000;
const longestPauseMs = 10_000;
/** Messages of what was done that are kept until they are taken. */
const mostTraffic = 60;

/** One region's worker, as Trysail sees it: started when it is needed, again when it has died, and told what to be. */
export class RegionPlane {
  readonly #options: RegionPlaneOptions;
  #config: PlaneConfig | undefined;
  #number = 0;
  #channel: Channel<ToWorker> | undefined;
  #health: readonly TargetHealth[] = [];
  #traffic: Traffic[] = [];
  #waiting: { readonly number: number; readonly resolve: (failures: Failures) => void }[] = [];
  #keeping: Promise<void> | undefined;
  readonly #stopped = new AbortController();

  constructor(options: RegionPlaneOptions) {
    this.#options = options;
  }

  get health(): readonly TargetHealth[] {
    return this.#health;
  }

  /** What the balancers have done since the last call. */
  takeTraffic(): readonly Traffic[] {
    return this.#traffic.splice(0);
  }

  async apply(config: PlaneConfig): Promise<Failures> {
    const { workloads, id, folder } = this.#options;
    this.#number += 1;
    if (config.listeners.length === 0) {
      // Nothing to serve: no process for it.
      this.#config = undefined;
      this.#channel?.close();
      await this.#keeping;
      await workloads.remove(id);
      await rm(folder, { recursive: true, force: true });
      this.#health = [];
      for (const { resolve } of this.#waiting.splice(0)) resolve({});
      return {};
    }
    this.#config = config;
    const applied = new Promise<Failures>((resolve) => this.#waiting.push({ number: this.#number, resolve }));
    this.#sendConfig();
    this.#keeping ??= this.#keep().finally(() => {
      this.#keeping = undefined;
    });
    return await applied;
  }

  exited(host: string): void {
    this.#channel?.send({ type: "exited", host });
  }

  /** Lets go of the worker, which goes on. */
  close(): void {
    this.#stopped.abort();
    this.#channel?.close();
  }

  #sendConfig(): void {
    if (this.#config !== undefined) this.#channel?.send({ type: "apply", number: this.#number, config: this.#config });
  }

  /** Has the worker run, and holds the connection to it, for as long as there is something to serve. */
  async #keep(): Promise<void> {
    const { log, id } = this.#options;
    let pauseMs = 0;
    while (this.#config !== undefined && !this.#stopped.signal.aborted) {
      const beganAt = performance.now();
      try {
        await this.#serve();
      } catch (error) {
        log.error("the balancers' worker cannot be used", { region: id.region, error: messageOf(error) });
      }
      const wasSound = performance.now() - beganAt > soundMs;
      pauseMs = wasSound ? 0 : Math.min(longestPauseMs, pauseMs * 2 + 10);
      await wait(pauseMs, undefined, { signal: this.#stopped.signal }).catch(() => {});
    }
  }

  /** Resolves when the connection to the worker has ended. */
  async #serve(): Promise<void> {
    const { workloads, id, folder, workerFile } = this.#options;
    if (workloads.find(id)?.state !== "running") {
      const command = process.execPath;
      const args = [await workerFile(), folder];
      await workloads.start({ id, program: { kind: "process", command, args, cwd: "/" }, environment: {} });
    }
    const socket = await this.#connect();
    if (socket === undefined) return;
    await new Promise<void>((resolve) => {
      this.#channel = openChannel<ToWorker, FromWorker>(
        socket,
        (message) => this.#received(message),
        () => {
          this.#channel = undefined;
          resolve();
        },
      );
      this.#sendConfig();
    });
  }

  /** Undefined if the worker has ended before it was there. */
  async #connect(): Promise<Socket | undefined> {
    const { workloads, id, folder } = this.#options;
    const { path } = socketPath(folder, { temporaryFolder: tmpdir(), userId: userInfo().uid });
    const isWanted = () => this.#config !== undefined && !this.#stopped.signal.aborted;
    for (let lookMs = firstLookMs; isWanted(); lookMs = Math.min(longestLookMs, lookMs * 1.5)) {
      const socket = await connected(path);
      if (socket !== undefined) return socket;
      if (workloads.find(id)?.state !== "running") return undefined;
      await wait(lookMs, undefined, { signal: this.#stopped.signal }).catch(() => {});
    }
    return undefined;
  }

  #received(message: FromWorker): void {
    switch (message.type) {
      case "applied": {
        const isDone = ({ number }: { number: number }) => number <= message.number;
        const done = this.#waiting.filter(isDone);
        this.#waiting = this.#waiting.filter((one) => !isDone(one));
        for (const { resolve } of done) resolve(message.failures);
        return;
      }
      case "health":
        this.#health = message.targets;
        return this.#options.changed();
      case "traffic":
        this.#traffic.push(message.traffic);
        // Where nobody takes it, the oldest goes.
        if (this.#traffic.length > mostTraffic) this.#traffic.shift();
        return this.#options.trafficTold();
      case "invoke": {
        const answer = (payload: string | undefined) =>
          this.#channel?.send({
            type: "invoked",
            number: message.number,
            ...(payload === undefined ? {} : { payload }),
          });
        this.#options.invokeFunction(message.functionArn, message.payload).then(answer, () => answer(undefined));
      }
    }
  }
}

function connected(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}
