import { spawn } from "node:child_process";
import { basename } from "node:path";
import { TrysailError, codeOf } from "@trysail/core";

export interface ProgramOptions {
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Ends the program and what it has started. */
  readonly signal: AbortSignal;
  /** Told each line of its output, both streams. */
  readonly onLine: (line: string) => void;
}

/**
 * Runs a program to its end.
 *
 * @throws TrysailError `program-failed`
 */
export async function runProgram(program: string, args: readonly string[], options: ProgramOptions): Promise<void> {
  const { cwd, environment, signal, onLine } = options;
  signal.throwIfAborted();
  // In a group of its own, so that all of it can be ended.
  const child = spawn(program, args, { cwd, env: environment, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const end = () => endGroup(child.pid);
  signal.addEventListener("abort", end, { once: true });
  try {
    for (const stream of [child.stdout, child.stderr]) eachLine(stream, onLine);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    signal.throwIfAborted();
    if (code !== 0)
      throw new TrysailError("program-failed", `${basename(program)} ${args[0] ?? ""} failed with exit code ${code}.`, {
        next: "What it said is above.",
      });
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGTERM");
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}
