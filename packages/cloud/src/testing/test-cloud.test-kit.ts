import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "@trysail/core";
import type { Log, ManualClock } from "@trysail/core";
import { createCloud } from "../cloud.ts";
import type { Cloud, CloudOptions } from "../cloud.ts";
import { balancerProgram } from "./balancer-program.test-kit.ts";
import { endLeftovers } from "../end-leftovers.ts";

/** What every client of AWS's SDK is made with and has, as far as the kit needs to know. */
interface SdkClient {
  readonly config: object;
  readonly middlewareStack: {
    add(
      middleware: (next: (call: never) => unknown) => (call: never) => unknown,
      options: { step: "initialize"; name: string },
    ): void;
  };
  destroy(): void;
}

interface SdkClientConfig {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  maxAttempts: number;
}

/** A Trysail of a test's own: in process, on a free port, with a folder and a clock of its own. */
export interface TestCloud {
  readonly endpoint: string;
  readonly dataFolder: string;
  /** Stands still at the time of the start until it is moved. */
  readonly clock: ManualClock;
  /** An official client over the real wire, whose time is the clock's. It does not retry. */
  client<C extends SdkClient>(
    Client: new (config: SdkClientConfig) => C,
    options?: { readonly region?: string; readonly credentials?: SdkClientConfig["credentials"] },
  ): C;
  /** Asks again after each change of state until the answer is not undefined (or false). */
  eventually<T>(ask: () => Promise<T | undefined | false> | T | undefined | false): Promise<T>;
  /** Resolves when no control loop has anything to do. */
  idle(): Promise<void>;
  /** Stops, and starts again on the same folder. Clients that exist are of no use afterwards. */
  restart(): Promise<void>;
  /** Stops as if it were killed: what runs goes on. {@link start} starts the next one on the same folder. */
  crash(): Promise<void>;
  /** Starts again after {@link crash}. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What went wrong inside, on the standard error: a test that fails should tell why. */
const complaints: Log = {
  debug() {},
  info() {},
  warn() {},
  error: (message, fields) => void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
};

export async function startTestCloud(options: Partial<CloudOptions> = {}): Promise<TestCloud> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), "trysail-test-")));
  // From the real time on: the CDK and aws CLIs sign with it.
  const clock = manualClock(Date.now());
  const clients: SdkClient[] = [];
  const start = (): Promise<Cloud> =>
    createCloud({
      port: 0,
      clock,
      log: complaints,
      bootstrap: false,
      measuresUsage: false,
      balancerFile: balancerProgram,
      ...options,
      dataFolder,
    });
  let cloud = await start();
  clock.settle = () => cloud.loops.idle();

  let isRunning = true;
  const halt = async (how?: { readonly leaveWorkloads: boolean }) => {
    for (const client of clients.splice(0)) client.destroy();
    if (!isRunning) return;
    isRunning = false;
    await cloud.stop(how);
  };
  const begin = async () => {
    cloud = await start();
    isRunning = true;
  };

  return {
    get endpoint() {
      return cloud.endpoint;
    },
    dataFolder,
    clock,
    client(Client, { region = "us-east-1", credentials = { accessKeyId: "test", secretAccessKey: "test" } } = {}) {
      const client = new Client({ endpoint: cloud.endpoint, region, credentials, maxAttempts: 1 });
      const config = client.config as { systemClockOffset: number };
      client.middlewareStack.add(
        (next) => (call) => {
          config.systemClockOffset = clock.now() - Date.now();
          return next(call);
        },
        { step: "initialize", name: "timeOfTheTest" },
      );
      clients.push(client);
      return client;
    },
    async eventually(ask) {
      for (;;) {
        let unsubscribe = () => {};
        const changed = new Promise<void>((resolve) => {
          unsubscribe = cloud.store.onChange(() => resolve());
        });
        try {
          const answer = await ask();
          if (answer !== undefined && answer !== false) return answer;
          await changed;
        } finally {
          unsubscribe();
        }
      }
    },
    idle: () => cloud.loops.idle(),
    async restart() {
      await halt();
      await begin();
    },
    crash: () => halt({ leaveWorkloads: true }),
    start: begin,
    async stop() {
      await halt();
      // Whatever a crash has left.
      await endLeftovers(dataFolder, options);
      if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
