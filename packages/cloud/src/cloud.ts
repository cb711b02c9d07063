import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLog, systemClock } from "@trysail/core";
import type { Clock, Log, Region } from "@trysail/core";
import { createControlLoops } from "./control/control-loops.ts";
import type { ControlLoops } from "./control/control-loops.ts";
import { createMeter } from "./control/meter.ts";
import { createOutbox } from "./control/outbox.ts";
import { defaultAccount } from "./gateway/authenticate.ts";
import type { ConfiguredCredentials } from "./gateway/authenticate.ts";
import { invokeFunction } from "./dataplane/invoke-function.ts";
import { openDataPlane } from "./dataplane/open-data-plane.ts";
import type { Doors } from "./gateway/doors.ts";
import { openGateway } from "./gateway/gateway.ts";
import type { Host } from "./kernel/host.ts";
import { randomIds } from "./kernel/ids.ts";
import type { Ids } from "./kernel/ids.ts";
import { createKernel } from "./kernel/kernel.ts";
import { ownScope } from "./kernel/own-scope.ts";
import { localActivities } from "./kernel/local-activities.ts";
import { containerRunner } from "./runtime/container-runner.ts";
import { imageRunner } from "./runtime/image-runner.ts";
import type { HostImages } from "./runtime/images.ts";
import { openLocalGitRepositories } from "./runtime/local-git-repositories.ts";
import { openProcesses } from "./runtime/local-processes.ts";
import { openWorkloads } from "./runtime/local-workloads.ts";
import { folderMarkOf, openTrees, treeVariable } from "./runtime/processes/trees.ts";
import { createUsageMeter } from "./runtime/usage.ts";
import { services } from "./services/index.ts";
import { bootstrapRegions, sweepBodies } from "./start-up.ts";
import { openBlobs } from "./store/file-blobs.ts";
import { openLogSegments } from "./store/file-log-segments.ts";
import { openStore } from "./store/lmdb-store.ts";
import type { Store } from "./store/table.ts";

/** Regions that are there, bootstrapped, from the start. Any other appears on first use. */
export const defaultRegions: readonly Region[] = ["us-east-1", "us-west-2", "eu-west-1"] as Region[];

export interface CloudOptions {
  /** Everything that Trysail keeps is in here. Created if need be; used by one Trysail at a time. */
  readonly dataFolder: string;
  /** @defaultValue "127.0.0.1" */
  readonly host?: string;
  /** 0 takes a free one. @defaultValue 4566 */
  readonly port?: number;
  /** The first is where requests that name no region are carried out. @defaultValue {@link defaultRegions} */
  readonly regions?: readonly Region[];
  readonly clock?: Clock;
  readonly log?: Log;
  readonly ids?: Ids;
  /** Demanded from callers, in place of the local default `test`/`test`. */
  readonly credentials?: ConfiguredCredentials;
  /**
   * The socket of a container engine that runs images, as `engineSocket` finds it. Without one, images that need none run
   * on this machine.
   */
  readonly containerEngine?: string | undefined;
  /** Images that need no engine, beside the language bases, and the folders that their programs run in. */
  readonly hostImages?: HostImages;
  /** The program of the data plane's workers, in JavaScript. @defaultValue the one that is shipped */
  readonly balancerFile?: () => Promise<string>;
  /** Whether what instances and tasks use is measured. Of no use with a clock that is set by hand. @defaultValue true */
  readonly measuresUsage?: boolean;
  /** Whether the regions begin with what the CDK needs in them (its stack CDKToolkit). @defaultValue true */
  readonly bootstrap?: boolean;
}

/** A running embedded AWS. */
export interface Cloud {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  readonly port: number;
  /** Control loops that have nothing to do, and those that keep failing. */
  readonly loops: ControlLoops["queue"];
  readonly store: Pick<Store, "onChange">;
  /**
   * Ends builds and everything else that was started, and closes the data folder.
   *
   * @param options.leaveWorkloads - instances and tasks go on, as they do if this process is killed. @defaultValue false
   */
  stop(options?: { readonly leaveWorkloads?: boolean }): Promise<void>;
}

/**
 * Starts Trysail's cloud: opens the data, takes up what was interrupted, and serves.
 *
 * @throws TrysailError `port-in-use`, `data-in-use`, `data-corrupt`
 */
export async function createCloud(options: CloudOptions): Promise<Cloud> {
  const {
    dataFolder,
    host: address = "127.0.0.1",
    port = 4566,
    clock = systemClock(),
    log = silentLog,
    ids = randomIds(),
  } = options;
  const regions = options.regions ?? defaultRegions;
  const [defaultRegion = defaultRegions[0] as Region] = regions;
  const folder = (name: string) => join(dataFolder, name);

  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const store = await openStore(folder("state"));
  const undo: (() => Promise<unknown>)[] = [() => store.close()];
  try {
    const activities = localActivities(log);
    const trees = await openTrees(dataFolder);
    const containers = containerRunner({
      folderMark: await folderMarkOf(dataFolder),
      engineSocket: options.containerEngine,
      log,
    });
    undo.unshift(() => containers.close());
    const images = imageRunner(containers, options.hostImages ?? {});
    const workloads = await openWorkloads({ folder: folder("workloads"), trees, clock, log, images });
    let areWorkloadsLeft = false;
    undo.unshift(async () => (areWorkloadsLeft ? workloads.release() : await workloads.stopAll()));
    const usage = createUsageMeter({ workloads, clock, log, isOn: options.measuresUsage ?? true });
    undo.unshift(async () => usage.close());
    const dataPlane = openDataPlane({
      workloads,
      folder: (name) => join(folder("dataplane"), name),
      workerFile: options.balancerFile ?? shippedBalancer,
      log,
      invokeFunction: (scope, functionArn, payload) =>
        invokeFunction({ kernel, ids, log }, scope, functionArn, payload),
    });
    undo.unshift(async () => dataPlane.close());
    const processes = await openProcesses({ dataFolder, trees, isSpared: (treeId) => workloads.isWorkload(treeId) });
    const leftovers = await processes.reapLeftovers();
    if (leftovers.length > 0) log.warn("ended processes that an earlier run had left", { trees: leftovers.length });
    const logSegments = await openLogSegments(folder("logs"));
    undo.unshift(() => logSegments.close());
    const git = await openLocalGitRepositories(folder("git"), {
      ...process.env,
      [await treeVariable(dataFolder)]: "git",
    });
    undo.unshift(() => git.close());
    let endpoint = "";
    let doors: Doors | undefined;
    const host: Host = {
      get endpoint() {
        return endpoint;
      },
      workspace: (...path) => join(dataFolder, "work", ...path),
      blobs: await openBlobs(folder("blobs")),
      logSegments,
      processes,
      workloads,
      usage,
      dataPlane,
      get doors() {
        if (doors === undefined) throw new Error("the gateway is not open yet");
        return doors;
      },
      git,
      activities,
    };
    const outbox = createOutbox(store, services, clock);
    const { signal } = new AbortController();
    const meter = createMeter({
      clock,
      log,
      keep: (scope, measurements) =>
        store.transaction(() => {
          for (const service of services)
            service.measured?.(kernel.context(service, ownScope(service, scope, ids, signal)), measurements);
        }),
    });
    const kernel = createKernel({ services, store, clock, ids, log, host, outbox, meter });
    const home = { account: defaultAccount, region: defaultRegion };
    const loops = createControlLoops({ services, kernel, store, outbox, clock, ids, log, host, home });
    let prepared: Promise<void> = Promise.resolve();
    const gateway = await openGateway({
      prepared: () => prepared,
      host: address,
      port,
      services,
      kernel,
      store,
      clock,
      ids,
      log,
      defaultRegion,
      configured: options.credentials,
    });
    doors = gateway.doors;
    endpoint = `http://${address.includes(":") ? `[${address}]` : address}:${gateway.port}`;
    undo.unshift(
      // In the middle of it, what it calls would be gone.
      () => prepared,
      () => gateway.close(),
      () => loops.stop(),
      () => activities.stop(),
      async () => meter.close(),
    );
    await containers.serve(endpoint);
    loops.start();
    const startUp = { kernel, account: home.account, ids, log };
    // Beside the rest, so that the port is open at once; the first request waits for it.
    if (options.bootstrap ?? true) prepared = bootstrapRegions(startUp, regions);
    // Beside the rest: it reads through a whole folder.
    activities.start("sweep-bodies", () => sweepBodies(startUp, host.blobs, services, defaultRegion));
    return {
      endpoint,
      port: gateway.port,
      loops: loops.queue,
      store,
      async stop({ leaveWorkloads = false } = {}) {
        areWorkloadsLeft = leaveWorkloads;
        for (const step of undo) await step();
      },
    };
  } catch (error) {
    for (const step of undo) await step();
    throw error;
  }
}

const shippedBalancer = async () => fileURLToPath(new URL("./balancer.js", import.meta.url));
