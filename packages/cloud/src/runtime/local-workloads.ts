import { realpath } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "@trysail/core";
import type { Clock, Log, Millis } from "@trysail/core";
import type { Trees } from "./processes/trees.ts";
import type { Ended, ImageRunner, Job, Runner, Running } from "./runner.ts";
import type { MeteredWorkloads } from "./usage.ts";
import type { Workload, WorkloadId, WorkloadSpec, Workloads } from "./workloads.ts";
import { addressOf, createPlaces, reachedAt } from "./workloads/addresses.ts";
import { environmentOf, inheritedFrom, usualPort } from "./workloads/environment.ts";
import { lowestPort as lowestPortHere } from "./workloads/lowest-port.ts";
import { watchOutputs } from "./workloads/outputs.ts";
import { processRunner } from "./workloads/process-runner.ts";
import { keyOf, openRecords } from "./workloads/records.ts";
import type { WorkloadRecord } from "./workloads/records.ts";
import { openReservations } from "./workloads/reservations.ts";
import { createSpawner } from "./workloads/spawner.ts";
import { createTurns } from "./workloads/turns.ts";

/** How long programs have to end by themselves when Trysail is stopped in order. */
const lastGraceMs = 2000;

export interface LocalWorkloads extends Workloads, MeteredWorkloads {
  /** Whether a tree of processes is that of a workload that runs. */
  isWorkload(treeId: string): boolean;
  /** Stops all workloads, and forgets that they ran but not their addresses. */
  stopAll(): Promise<void>;
  /** Lets go of all workloads, as if Trysail had died: they go on, and the next one finds them. */
  release(): void;
}

/** A workload that was started and not yet removed. */
interface Entry {
  readonly key: string;
  readonly record: WorkloadRecord;
  /** Undefined if it had ended before we came. */
  running: Running | undefined;
  ended: Required<Ended> | undefined;
}

/**
 * The workloads of a data folder. What an earlier Trysail has left running is taken up.
 *
 * @param options.images - @defaultValue images are refused
 */
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
  const spawner = createSpawner(join(folder, "spare"));
  const processes = processRunner({ trees, spawner });
  const inherited = inheritedFrom(process.env);
  const lowestPort = lowestPortHere();
  const hasOwnAddresses = await canListenOn("127.1.2.3");
  const reservations = openReservations(records, createPlaces(await realpath(folder), hasOwnAddresses));
  const outputs = watchOutputs(records.outputFolder, records.outputOf);
  const entries = new Map<string, Entry>();
  const listeners = new Set<(id: WorkloadId) => void>();
  const inTurn = createTurns();
  let isOpen = true;

  const tell = (id: WorkloadId) => {
    if (isOpen) for (const listener of listeners) listener(id);
  };

  const runnerOf = (runsAs: Workload["runsAs"]): Runner | undefined =>
    runsAs === "process" ? processes : images?.containers;

  const jobOf = (key: string, { job, addressOf: owner }: Pick<WorkloadRecord, "job" | "addressOf">): Job => {
    const place = reservations.placeOf(owner);
    return {
      ...job,
      environment: environmentOf(job.given, { inherited, place, lowestPort }),
      address: addressOf(place),
      reachedAt: (port) => reachedAt(place, port, lowestPort).port,
      key,
      folder: records.folderOf(key),
      outputFile: records.outputOf(key),
    };
  };

  const viewOf = ({ key, record, running, ended }: Entry): Workload => ({
    id: record.id,
    address: record.address,
    outputFile: records.outputOf(key),
    startedAt: record.startedAt,
    runsAs: record.runsAs,
    ...(ended === undefined ? { state: "running", pid: running?.pid } : { state: "ended", ...ended }),
  });

  const end = (entry: Entry, { exit, outOfMemory, endedAt = clock.now() }: Ended) => {
    entry.ended = { exit, outOfMemory, endedAt };
    records.writeEnded(entry.key, entry.ended);
  };

  const watch = (entry: Entry, running: Running) => {
    entry.running = running;
    void running.ended.then((ended) => {
      if (entries.get(entry.key) !== entry) return;
      end(entry, ended);
      tell(entry.record.id);
      // What the program has left behind goes with it.
      return running
        .kill()
        .catch((error: unknown) => log.error("could not end what a workload has left", { error: messageOf(error) }));
    });
  };

  const start = async (spec: WorkloadSpec): Promise<Workload> => {
    if (!isOpen) throw new Error("Trysail is being stopped.");
    const { id, program, environment, addressOf: owner = id, port = usualPort, limits = {} } = spec;
    const key = keyOf(id);
    const known = entries.get(key);
    if (known !== undefined && known.ended === undefined) return viewOf(known);
    await known?.running?.kill();
    const asked = { addressOf: owner, job: { program, given: { environment, port }, limits } };
    const asJob = jobOf(key, asked);
    const chosen = await choose(asJob, images);
    const record: WorkloadRecord = {
      id,
      addressOf: owner,
      address: asJob.address,
      startedAt: clock.now(),
      runsAs: chosen.runsAs,
      job: { ...asked.job, ...("program" in chosen && { program: chosen.program }) },
    };
    const entry: Entry = { key, record, running: undefined, ended: undefined };
    records.write(key, record);
    try {
      const running = await runnerOf(chosen.runsAs)?.start(jobOf(key, record));
      if (running === undefined) throw new Error(`Nothing runs a ${chosen.runsAs}.`);
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
      const inTime = running.ended.then(() => true);
      const late = wait(graceMs, false, { signal: patience.signal }).catch(() => false);
      if (!(await Promise.race([inTime, late]))) running.signal("SIGKILL");
      patience.abort();
      await running.ended;
    }
    await running.kill();
  };

  const remove = async (id: WorkloadId): Promise<void> => {
    const key = keyOf(id);
    const entry = entries.get(key);
    entries.delete(key);
    await entry?.running?.kill();
    entry?.running?.release();
    reservations.giveBack(id);
    outputs.forget(key);
    records.remove(key);
    if (entry !== undefined && entry.ended === undefined) tell(id);
  };

  for (const { key, record, ended } of records.list()) {
    if (record === undefined) continue;
    const entry: Entry = { key, record, running: undefined, ended };
    const found = ended ?? (await runnerOf(record.runsAs)?.adopt(jobOf(key, record)));
    if (found === undefined) {
      records.forget(key);
      continue;
    }
    entries.set(key, entry);
    if (!("exit" in found)) watch(entry, found);
    else if (ended === undefined) end(entry, found);
  }

  return {
    hasOwnAddresses,
    start: (spec) => inTurn(keyOf(spec.id), () => start(spec)),
    find(id) {
      const entry = entries.get(keyOf(id));
      return entry === undefined ? undefined : viewOf(entry);
    },
    list: (service) => [...entries.values()].filter(({ record }) => record.id.service === service).map(viewOf),
    stop: (id, { graceMs }) => inTurn(keyOf(id), () => stop(keyOf(id), graceMs)),
    remove: (id) => inTurn(keyOf(id), () => remove(id)),
    async execute(id, command, options) {
      const entry = entries.get(keyOf(id));
      if (entry?.running === undefined || entry.ended !== undefined) {
        throw new Error(`The workload ${id.name} does not run.`);
      }
      return await entry.running.execute(command, options);
    },
    reserveAddress: (id) => addressOf(reservations.placeOf(id)),
    reach(id, port) {
      const place = reservations.find(entries.get(keyOf(id))?.record.addressOf ?? id);
      if (place === undefined) throw new Error(`${id.name} has no address.`);
      return reachedAt(place, port, lowestPort);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onOutput: (listener) =>
      outputs.onOutput((key) => {
        const entry = entries.get(key);
        if (entry !== undefined) listener(entry.record.id);
      }),
    async usages() {
      const running = [...entries.values()].filter(({ ended }) => ended === undefined);
      if (running.length === 0) return [];
      const used = await trees.usages();
      const found = await Promise.all(
        running.map(async ({ record: { id, startedAt }, running: one }) => {
          const usage = await one?.usage(used);
          return usage === undefined ? [] : [{ id, startedAt, usage }];
        }),
      );
      return found.flat();
    },
    releaseOutput: (id, upToBytes) => outputs.release(keyOf(id), upToBytes),
    isWorkload(treeId) {
      const [, key = ""] = /^workload\/([^/]+)/.exec(treeId) ?? [];
      const entry = entries.get(key);
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
      outputs.close();
      spawner.close();
    },
    release() {
      isOpen = false;
      for (const { running } of entries.values()) running?.release();
      entries.clear();
      outputs.close();
      spawner.close();
    },
  };
}

async function choose(job: Job, images: ImageRunner | undefined): ReturnType<ImageRunner["choose"]> {
  if (job.program.kind === "process") return { runsAs: "process", program: job.program };
  if (images === undefined) throw new Error("Nothing runs images here.");
  return await images.choose(job);
}

function canListenOn(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(0, host, () => server.close(() => resolve(true)));
  });
}
