import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "@trysail/core";
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
  /** Whose address it has. */
  readonly addressOf: WorkloadId;
  readonly address: string;
  readonly job: Pick<Job, "program" | "given" | "limits">;
}

/** What is on disk of one id. */
export interface Kept {
  readonly key: string;
  readonly place: Place | undefined;
  readonly record: WorkloadRecord | undefined;
  readonly ended: Required<Ended> | undefined;
}

/**
 * What is written down of workloads: a folder for each id. It tells of what runs, and when the machine has stopped nothing
 * does, so it is not waited for to be on disk.
 */
export interface Records {
  readonly outputFolder: string;
  folderOf(key: string): string;
  outputOf(key: string): string;
  list(): readonly Kept[];
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
    try {
      writeFileSync(fileOf(key, name), text, { mode: 0o600 });
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
      mkdirSync(folderOf(key), { recursive: true, mode: 0o700 });
      writeFileSync(fileOf(key, name), text, { mode: 0o600 });
    }
  };

  return {
    outputFolder: outputs,
    folderOf,
    outputOf: (key) => join(outputs, key),
    list: () =>
      readdirSync(places).map((key) => ({
        key,
        place: parsePlace(textIn(fileOf(key, "address")) ?? ""),
        record: parsed<WorkloadRecord>(fileOf(key, "record.json")),
        ended: parsed<Required<Ended>>(fileOf(key, "ended.json")),
      })),
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

/** A file that is cut off is one that Trysail was writing when it died: nothing had come of it yet. */
function parsed<T>(file: string): T | undefined {
  try {
    return JSON.parse(textIn(file) ?? "") as T;
  } catch {
    return undefined;
  }
}

function textIn(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
