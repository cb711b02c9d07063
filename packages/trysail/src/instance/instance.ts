import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TrysailError, codeOf, processStart } from "@trysail/core";
import { exitCodes } from "../exit-codes.ts";

/** A running Trysail, as it tells of itself in its data folder. */
export interface Instance {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  readonly pid: number;
  /** Tells this process from a later one with the same pid. */
  readonly processStart: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly data: string;
  /** The first is the default. */
  readonly regions: readonly string[];
  readonly version: string;
}

const fileOf = (data: string) => join(data, "instance.json");

/** Tells that this process serves now. Whole or not at all: others read at any time. */
export async function announceInstance(instance: Instance): Promise<void> {
  const draft = `${fileOf(instance.data)}.${instance.pid}`;
  await writeFile(draft, `${JSON.stringify(instance, undefined, 2)}\n`);
  await rename(draft, fileOf(instance.data));
}

/** Takes the announcement back, unless a later process has made its own. */
export async function withdrawInstance(instance: Instance): Promise<void> {
  const announced = await readAnnounced(instance.data);
  if (announced?.pid === instance.pid && announced.processStart === instance.processStart)
    await rm(fileOf(instance.data), { force: true });
}

async function readAnnounced(data: string): Promise<Instance | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(data), "utf8")) as Instance;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The Trysail that runs with this data folder, if there is one. */
export async function runningInstance(data: string): Promise<Instance | undefined> {
  const announced = await readAnnounced(data);
  return announced !== undefined && isRunning(announced) ? announced : undefined;
}

export function isRunning({ pid, processStart: start }: Pick<Instance, "pid" | "processStart">): boolean {
  return processStart(pid) === start;
}

/** @throws TrysailError `not-running` (fault: user) */
export async function requireInstance(data: string): Promise<Instance> {
  const instance = await runningInstance(data);
  if (instance !== undefined) return instance;
  throw new TrysailError("not-running", `No Trysail is running with the data folder ${data}.`, {
    fault: "user",
    next: "Start it with `trysail up`, or say which one you mean with --data.",
    exitCode: exitCodes.notRunning,
  });
}
