// Starts and stops the built Trysail for measurements, and tells what it costs.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const cli = join(root, "packages/trysail/bin/trysail.js");

/** Seconds of CPU, of the kernel and the program, that a process has used. Linux only. */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Resident memory of a process in MB. Linux only. */
export function residentMegabytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1000;
}

/** A Trysail of the measurement's own, on a free port, in a folder that goes away with it. */
export async function startTrysail() {
  const data = await mkdtemp(join(tmpdir(), "trysail-bench-"));
  const startedAt = performance.now();
  const child = spawn(process.execPath, [cli, "up", "--port", "0", "--data", data, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(child.stdout), "line");
  const readyMs = performance.now() - startedAt;
  const { endpoint, pid } = JSON.parse(line);
  return {
    endpoint,
    pid,
    data,
    readyMs,
    environment: {
      PATH: process.env.PATH,
      HOME: data,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1",
    },
    log: async () =>
      (await readFile(join(data, "trysail.log"), "utf8"))
        .trim()
        .split("\n")
        .map((entry) => JSON.parse(entry)),
    async stop() {
      child.kill("SIGTERM");
      await once(child, "exit");
      await rm(data, { recursive: true, force: true });
    },
  };
}

export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
