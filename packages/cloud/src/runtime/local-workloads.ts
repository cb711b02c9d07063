import { realpath } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "@trysail/core";
import type { Clock, Log, Millis } from "@trysail/core";
import type { Trees } from "./processes/trees.ts";
import type { Ended, ImageRunner, Job, Runner, Running } from "./runner.ts";
import type { Workload, WorkloadId, WorkloadSpec, Workloads } from "./workloads.ts";
import { addressOf, createPlaces, reachedAt } from "./workloads/addresses.ts";
import type { Place } from "./workloads/addresses.ts";
import { environmentOf } from "./workloads/environment.ts";
import { lowestPort as lowestPortHere } from "./workloads/lowest-port.ts";
import { processRunner } from "./workloads/process-runner.ts";
import { keyOf, openRecords } from "./workloads/records.ts";
import type { WorkloadRecord } from "./workloads/records.ts";
import { createSpawner } from "./workloads/spawner.ts";

/** How long programs have to end by themselves when Trysail is stopped in order. */
const lastGraceMs = 2000;

export interface LocalWorkloads extends Workloads {
  /** Whether a tree of processes is a workload's that runs. */
  isWorkload(treeId: string): boolean;
  /** Stops all workloads, and forgets that they ran but not their addresses. */
  stopAll(): Promise<void>;
  /** Lets go of all workloads, as if Trysail had died: they go on, and the next one finds them. */
  release(): void;
}

interface Entry {
  readonly id: WorkloadId;
  readonly key: string;
  readonly record: WorkloadRecord;
  running: Running | undefined;
  ended: Required<Ended> | undefined;
}

export async function openWorkloads({
  folder,
  trees,
  clock,
  log,
  images,
}: {
  readonly folder: string;
  readonly trees: Trees;
  readonly clock: Clock;
  readonly log: Log;
  readonly images?: ImageRunner;
}): Promise<LocalWorkloads> {
  const records = openRecords(folder);
  const spawner = createSpawner();
  const processes = processRunner({ trees, spawner });
  const lowestPort = lowestPortHere();
  const hasOwnAddresses = await canListenOn("127.1.2.3");
  const places = createPlaces(await realpath(folder), hasOwnAddresses);
  const placeByKey = new Map<string, Place>();
  const entries = new Map<string, Entry>();
  const listeners = new Set<(id: WorkloadId) => void>();
  const turns = new Map<string, Promise<unknown>>();
  let isOpen = true;

  const runnerOf = (runsAs: Workload["runsAs"]): Runner | undefined =>
    runsAs === "process" ? processes : images?.containers;

  const tell = (id: WorkloadId) => {
    if (isOpen) for (const listener of listeners) listener(id);
  };

  /** What concerns one workload happens one after the other. */
  const inTurn = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(key) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => {}).then(() => void (turns.get(key) === settled && turns.delete(key)));
    turns.set(key, settled);
    return turn;
  };

  const jobOf = (key: string, { job }: WorkloadRecord): Job => ({
    ...job,
    key,
    folder: records.folderOf(key),
    outputFile: records.outputOf(key),
  });

  const placeOf = (id: WorkloadId): Place => {
    const key = keyOf(id);
    const kept = placeByKey.get(key);
    if (kept !== undefined) return kept;
    const place = places.take();
    placeByKey.set(key, place);
    records.writePlace(key, place);
    return place;
  };

  const end = (entry: Entry, { exit, outOfMemory, endedAt = clock.now() }: Ended) => {
    entry.ended = { exit, outOfMemory, endedAt };
    records.writeEnded(entry.key, entry.ended);
  };

  const watch = (entry: Entry, running: Running) => {
    entry.running = running;
    void running.ended.then((ended) => {
      if (entry.running !== running || entries.get(entry.key) !== entry) return;
      end(entry, ended);
      tell(entry.id);
      // The program has ended; what it has left behind goes with it.
      return running
        .kill()
        .catch((error: unknown) => log.error("could not end what a workload has left", { error: messageOf(error) }));
    });
  };

  const viewOf = ({ id, key, record, running, ended }: Entry): Workload => ({
    id,
    address: record.job.address,
    outputFile: records.outputOf(key),
    startedAt: record.startedAt,
    runsAs: record.runsAs,
    ...(ended === undefined ? { state: "running", pid: running?.pid } : { state: "ended", ...ended }),
  });

  const start = async (spec: WorkloadSpec): Promise<Workload> => {
    if (!isOpen) throw new Error("Trysail is being stopped.");
    const { id, program, addressOf: owner = id, limits = {} } = spec;
    const key = keyOf(id);
    const known = entries.get(key);
    if (known !== undefined && known.ended === undefined) return viewOf(known);
    await known?.running?.kill();
    const place = placeOf(owner);
    const environment = environmentOf(spec, { own: process.env, place, lowestPort });
    const asked: Job = {
      program,
      environment,
      limits,
      address: addressOf(place),
      key,
      folder: records.folderOf(key),
      outputFile: records.outputOf(key),
    };
    const chosen = program.kind === "process" ? { runsAs: "process" as const } : await images?.choose(asked);
    if (chosen === undefined) throw new Error("Images cannot be run yet.");
    const runner = runnerOf(chosen.runsAs);
    if (runner === undefined) throw new Error(`Nothing runs workloads as a ${chosen.runsAs}.`);
    const record: WorkloadRecord = {
      id,
      runsAs: chosen.runsAs,
      startedAt: clock.now(),
      addressOf: owner,
      job: { program: "program" in chosen ? chosen.program : program, environment, address: asked.address, limits },
    };
    records.write(key, record);
    const entry: Entry = { id, key, record, running: undefined, ended: undefined };
    try {
      const running = await runner.start(jobOf(key, record));
      entries.set(key, entry);
      watch(entry, running);
    } catch (error) {
      records.forget(key);
      entries.delete(key);
      throw error;
    }
    tell(id);
    return viewOf(entry);
  };

  const stop = async (key: string, graceMs: Millis): Promise<void> => {
    const entry = entries.get(key);
    const running = entry?.running;
    if (entry === undefined || running === undefined) return;
    if (entry.ended === undefined) {
      running.signal("SIGTERM");
      const patience = new AbortController();
      const isLate = await Promise.race([running.ended.then(() => false), after(graceMs, patience.signal)]);
      patience.abort();
      if (isLate) {
        running.signal("SIGKILL");
        await running.ended;
      }
    }
    await running.kill();
  };

  const remove = async (id: WorkloadId, key: string): Promise<void> => {
    const entry = entries.get(key);
    entries.delete(key);
    await entry?.running?.kill();
    records.remove(key);
    const place = placeByKey.get(key);
    if (place !== undefined) {
      placeByKey.delete(key);
      places.giveBack(place);
    }
    if (entry !== undefined && entry.ended === undefined) tell(id);
  };

  for (const { key, place, record, ended } of records.list()) {
    if (place !== undefined) {
      placeByKey.set(key, place);
      places.keep(place);
    }
    if (record === undefined) continue;
    const job = jobOf(key, record);
    const found = ended ?? (await runnerOf(record.runsAs)?.adopt(job));
    const entry: Entry = { id: record.id, key, record, running: undefined, ended: undefined };
    if (found === undefined) {
      records.forget(key);
    } else if ("exit" in found) {
      entries.set(key, entry);
      if (ended === undefined) end(entry, found);
      else entry.ended = ended;
    } else {
      entries.set(key, entry);
      watch(entry, found);
    }
  }

  return {
    hasOwnAddresses,
    start: (spec) => inTurn(keyOf(spec.id), () => start(spec)),
    find(id) {
      const entry = entries.get(keyOf(id));
      return entry === undefined ? undefined : viewOf(entry);
    },
    list: (service) => [...entries.values()].filter(({ id }) => id.service === service).map(viewOf),
    stop: (id, { graceMs }) => inTurn(keyOf(id), () => stop(keyOf(id), graceMs)),
    remove: (id) => inTurn(keyOf(id), () => remove(id, keyOf(id))),
    async execute(id, command, options) {
      const running = entries.get(keyOf(id))?.running;
      if (running === undefined) throw new Error(`The workload ${id.name} does not run.`);
      return await running.execute(command, options);
    },
    reserveAddress: (id) => addressOf(placeOf(id)),
    reach(id, port) {
      const key = keyOf(id);
      const place = placeByKey.get(keyOf(entries.get(key)?.record.addressOf ?? id));
      if (place === undefined) throw new Error(`${id.name} has no address.`);
      return reachedAt(place, port, lowestPort);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isWorkload: (treeId) => {
      const [, key] = /^workload\/([^/]+)/.exec(treeId) ?? [];
      const entry = key === undefined ? undefined : entries.get(key);
      return entry !== undefined && entry.ended === undefined;
    },
    async stopAll() {
      isOpen = false;
      const stopping = [...entries.keys()].map((key) =>
        inTurn(key, async () => {
          await stop(key, lastGraceMs);
          records.forget(key);
        }),
      );
      await Promise.all(stopping);
      entries.clear();
      spawner.close();
    },
    release() {
      isOpen = false;
      for (const { running } of entries.values()) running?.release();
      spawner.close();
    },
  };
}

async function after(ms: Millis, signal: AbortSignal): Promise<boolean> {
  return await wait(ms, true, { signal }).catch(() => false);
}

function canListenOn(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(0, host, () => server.close(() => resolve(true)));
  });
}
