import { readFile } from "node:fs/promises";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { codeOf } from "@trysail/core";
import type { Exit } from "../processes.ts";
import type { Engine } from "./engine.ts";
import { withoutHeaders } from "./output.ts";

/** So often a command that takes too long is ended, until it has. */
const mostTries = 250;
const triedAfterMs = 20;

/** Runs a command in a container; ends it after the timeout. */
export async function executeIn(
  engine: Engine,
  containerId: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<{ readonly exit: Exit; readonly output: string }> {
  const container = engine.getContainer(containerId);
  const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
  const stream = (await exec.start({ hijack: true, stdin: false })) as Readable;
  const output: Buffer[] = [];
  const read = (async () => {
    for await (const chunk of withoutHeaders(stream)) output.push(chunk);
  })();
  const timeout = AbortSignal.timeout(timeoutMs);
  const inTime = await Promise.race([read.then(() => true), once(timeout, "abort").then(() => false)]);
  const text = () => Buffer.concat(output).toString("utf8");
  // It takes a moment to begin, and to end. In an engine's virtual machine it is out of reach.
  for (let tries = 0; tries < mostTries; tries += 1) {
    const { Running, ExitCode, Pid } = await exec.inspect();
    if (inTime) return { exit: { code: ExitCode ?? 0 }, output: text() };
    if (!Running) break;
    if (Pid > 0) await endProcess(engine, containerId, Pid);
    await wait(triedAfterMs);
  }
  stream.destroy();
  await read.catch(() => {});
  return { exit: { signal: "SIGKILL" }, output: text() };
}

/** The engine cannot end a command that it runs in a container: the system can, or the container's own `kill`. */
async function endProcess(engine: Engine, containerId: string, pid: number): Promise<void> {
  // The engine may be in a virtual machine of its own, where the number is another process's.
  const groups = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
  if (!groups.includes(containerId)) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (codeOf(error) !== "EPERM") return;
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    const inner = /^NSpid:.*\s(\d+)$/m.exec(status)?.[1];
    if (inner === undefined) return;
    const kill = await engine.getContainer(containerId).exec({ Cmd: ["kill", "-9", inner] });
    await kill.start({ Detach: true }).catch(() => {});
  }
}
