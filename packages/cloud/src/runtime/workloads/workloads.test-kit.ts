import { readFile } from "node:fs/promises";
import { parseStat } from "../processes/process-table.ts";
import type { Trees } from "../processes/trees.ts";
import type { Workload, WorkloadId, WorkloadSpec, Workloads } from "../workloads.ts";

export const idOf = (name: string): WorkloadId => ({ service: "ec2", account: "1", region: "us-east-1", name });

/** A workload that runs a shell script. */
export function shell(
  name: string,
  script: string,
  { cwd, ...more }: { readonly cwd: string } & Partial<WorkloadSpec>,
): WorkloadSpec {
  return {
    id: idOf(name),
    program: { kind: "process", command: "sh", args: ["-c", script], cwd },
    environment: {},
    ...more,
  };
}

/** Resolves when the workload has ended. */
export async function endOf(workloads: Workloads, name: string): Promise<Workload> {
  for (;;) {
    let unsubscribe = () => {};
    const changed = new Promise<void>((resolve) => {
      unsubscribe = workloads.onChange(() => resolve());
    });
    try {
      const found = workloads.find(idOf(name));
      if (found?.state === "ended") return found;
      await changed;
    } finally {
      unsubscribe();
    }
  }
}

/** Resolves when the workload has written such a text, with all that it has written. */
export async function outputWith(workload: Workload, text: string | RegExp): Promise<string> {
  for (;;) {
    const output = await readFile(workload.outputFile, "utf8");
    if (typeof text === "string" ? output.includes(text) : text.test(output)) return output;
    await new Promise(setImmediate);
  }
}

export const pidsIn = (text: string): number[] => [...text.matchAll(/pid=(\d+)\n/g)].map(([, pid]) => Number(pid));

/** A zombie that its new parent has not buried yet is dead. */
export async function alive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && parseStat(stat) !== undefined;
}

export async function parentOf(pid: number): Promise<number> {
  return parseStat(await readFile(`/proc/${pid}/stat`, "utf8"))?.parent ?? 0;
}

/** As on a system whose control groups are not ours to write. */
export function treesWithoutGroups(trees: Trees): Trees {
  return { ...trees, prepare: () => [] };
}
