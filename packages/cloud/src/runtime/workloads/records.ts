import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Millis } from "@trysail/core";
import type { Ended, Job } from "../runner.ts";
import type { Workload, WorkloadId } from "../workloads.ts";
import { parsePlace, textOf } from "./addresses.ts";
import type { Place } from "./addresses.ts";

/** What is written down of a workload before it starts. Nothing of it changes while it runs. */
export interface WorkloadRecord {
  readonly id: WorkloadId;
  readonly runsAs: Workload["runsAs"];
  readonly startedAt: Millis;
  readonly addressOf: WorkloadId;
  readonly job: Pick<Job, "program" | "environment" | "address" | "limits">;
}

/** What is on disk of one id. */
export interface Kept {
  readonly key: string;
  readonly place: Place | undefined;
  readonly record: WorkloadRecord | undefined;
  readonly ended: Required<Ended> | undefined;
}

/**
 * What is written down of workloads: a folder for each id. It is there for as long as the machine runs, at most, so
 * nothing of it is waited for to be on disk.
 */
export interface Records {
  folderOf(key: string): string;
  outputOf(key: string): string;
  list(): readonly Kept[];
  read(key: string): WorkloadRecord | undefined;
  write(key: string, record: WorkloadRecord): void;
  writeEnded(key: string, ended: Required<Ended>): void;
  writePlace(key: string, place: Place): void;
  /** Forgets that it was started, and keeps its address and output. */
  forget(key: string): void;
  remove(key: string): void;
}

/** Names a workload in folders, marks and control groups. */
export function keyOf({ service, account, region, name }: WorkloadId): string {
  return createHash("sha256")
    .update(JSON.stringify([service, account, region, name]))
    .digest("hex")
    .slice(0, 24);
}

/** The tree that a workload's processes are of. */
export const treeIdOf = (key: string): string => `workload/${key}`;

export function openRecords(folder: string): Records {
  // All in one folder, so that one watch sees them all.
  const outputs = join(folder, "output");
  const places = join(folder, "by-id");
  mkdirSync(outputs, { recursive: true, mode: 0o700 });
  mkdirSync(places, { recursive: true, mode: 0o700 });
  const folderOf = (key: string) => join(places, key);
  const fileOf = (key: string, name: string) => join(places, key, name);
  // Files of a few bytes in the page cache: a trip through the thread pool takes longer than they do.
  const write = (key: string, name: string, text: string) => {
    mkdirSync(folderOf(key), { recursive: true, mode: 0o700 });
    writeFileSync(fileOf(key, `${name}.new`), text, { mode: 0o600 });
    renameSync(fileOf(key, `${name}.new`), fileOf(key, name));
  };
  const read = (key: string) => parsed<WorkloadRecord>(fileOf(key, "record.json"));

  return {
    folderOf,
    outputOf: (key) => join(outputs, key),
    list: () =>
      readdirSync(places).map((key) => ({
        key,
        place: parsePlace(textIn(fileOf(key, "address")) ?? ""),
        record: read(key),
        ended: parsed<Required<Ended>>(fileOf(key, "ended.json")),
      })),
    read,
    write(key, record) {
      rmSync(fileOf(key, "ended.json"), { force: true });
      write(key, "record.json", JSON.stringify(record));
    },
    writeEnded: (key, ended) => write(key, "ended.json", JSON.stringify(ended)),
    writePlace: (key, place) => write(key, "address", textOf(place)),
    forget(key) {
      for (const name of ["record.json", "ended.json", "pid", "exit", "life"])
        rmSync(fileOf(key, name), { force: true });
    },
    remove(key) {
      rmSync(folderOf(key), { recursive: true, force: true });
      rmSync(join(outputs, key), { force: true });
    },
  };
}

/** Forgets that any workload of a data folder was started: none of them runs. */
export function forgetWorkloads(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return;
  const records = openRecords(folder);
  for (const { key } of records.list()) records.forget(key);
}

function parsed<T>(file: string): T | undefined {
  const text = textIn(file);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

function textIn(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
