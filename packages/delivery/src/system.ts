import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { S3Client } from "@aws-sdk/client-s3";
import { TrysailError, type Clock, type Log } from "@trysail/core";
import { regionClients, type RegionClients } from "./aws/clients.ts";
import { sdkConfig, type ClientConfig } from "./aws/sdk-config.ts";
import { tellEvents } from "./aws/events.ts";
import { unreachable } from "./aws/failures.ts";
import { readFleet, readParameter } from "./aws/fleet.ts";
import { regionPort } from "./aws/port.ts";
import type { Observation, Unreachable } from "./plan/model.ts";
import type { Random } from "./judge/random.ts";
import { takeJobs } from "./pipeline/jobs.ts";
import { reportJob } from "./pipeline/report.ts";
import { createDriver, type Driver } from "./run/driver.ts";
import { lazyPort } from "./run/lazy-port.ts";
import type { Call, RegionPort } from "./run/port.ts";
import { startWorker, type Pace, type Worker } from "./run/worker.ts";
import type { RolloutSpec } from "./spec/model.ts";
import { jsonBucket } from "./store/bucket.ts";
import { rolloutStore, type RolloutStore } from "./store/rollouts.ts";

export interface RolloutSystemOptions {
  /** The region of the bucket, of the pipelines and of the events. */
  readonly home: string;
  /** Of the rollouts. */
  readonly bucket: string;
  configIn(region: string): ClientConfig;
  readonly pace: Pace;
  /** Of this process, unique. */
  readonly worker: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  /** Makes the bucket, where that is this process's to do. @defaultValue it is there */
  prepare?: (() => Promise<void>) | undefined;
}

/** All that rollouts are made of, on an account of AWS, or on another endpoint that speaks AWS. */
export interface RolloutSystem {
  readonly store: RolloutStore;
  readonly driver: Driver;
  /** A region, as a rollout would find it. */
  look(spec: RolloutSpec, region: string): Promise<Observation | Unreachable>;
  /** Serves the pipelines of the home region, and goes on with all rollouts. */
  startWorker(): Worker;
  close(): void;
}

/** Of a rollout and a region, as long as the rollout goes on; who listens to its calls changes with each pass. */
interface OpenPort {
  readonly port: RegionPort;
  readonly clients: RegionClients;
  readonly listener: { onCall: (call: Call) => void };
}

export function rolloutSystem(options: RolloutSystemOptions): RolloutSystem {
  const { home, configIn, clock, log, worker, random, pace } = options;
  const now = () => clock.now();
  const s3 = new S3Client(sdkConfig(configIn(home)));
  const codePipeline = new CodePipelineClient(sdkConfig(configIn(home)));
  const store = rolloutStore(jsonBucket(s3, options.bucket));
  const clientsIn = (region: string, onCall: (call: Call) => void) => regionClients(configIn(region), { onCall, now });
  const homeClients = clientsIn(home, () => {});

  function portWith(clients: RegionClients, rollout: string, spec: RolloutSpec): RegionPort {
    const { region } = clients;
    return lazyPort(region, async () => {
      try {
        const fleet = await readFleet(clients.ssm, spec.fleetParameter, region);
        return regionPort({ clients, cluster: spec.cluster, fleet, rollout, alarms: spec.alarms, now });
      } catch (error) {
        // A fleet that is not there, or has mistakes, is no matter of time.
        if (!(error instanceof TrysailError)) return unreachable(error, now());
        const message = error.next === undefined ? error.message : `${error.message} ${error.next}`;
        return { kind: "unreachable", at: now(), code: error.code, message, isTransient: false };
      }
    });
  }

  const open = new Map<string, OpenPort>();
  const closePorts = (prefix: string) => {
    for (const [key, { clients }] of open) {
      if (!key.startsWith(prefix)) continue;
      clients.close();
      open.delete(key);
    }
  };

  const driver = createDriver({
    store,
    worker,
    now,
    random,
    log,
    portOf({ id, spec }, region, onCall) {
      const key = `${id} ${region}`;
      let port = open.get(key);
      if (port === undefined) {
        const listener = { onCall };
        const clients = clientsIn(region, (call) => listener.onCall(call));
        port = { clients, port: portWith(clients, id, spec), listener };
        open.set(key, port);
      }
      port.listener.onCall = onCall;
      return port.port;
    },
    announce: (events) => tellEvents(homeClients.events, events),
    async report(stored) {
      await reportJob(codePipeline, stored);
      closePorts(`${stored.rollout.id} `);
    },
  });

  return {
    store,
    driver,
    async look(spec, region) {
      const clients = clientsIn(region, () => {});
      try {
        return await portWith(clients, "", spec).observe();
      } finally {
        clients.close();
      }
    },
    startWorker: () =>
      startWorker({
        driver,
        clock,
        log,
        pace,
        open: () => store.open(),
        takeJobs: () =>
          takeJobs({
            codePipeline,
            store,
            log,
            now,
            prepare: options.prepare ?? (() => Promise.resolve()),
            parameter: (name) => readParameter(homeClients.ssm, name, home),
          }),
      }),
    close() {
      closePorts("");
      homeClients.close();
      s3.destroy();
      codePipeline.destroy();
    },
  };
}
