import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { isatty } from "node:tty";
import { TrysailError, codeOf } from "@trysail/core";

/** A shell's exit codes for a command that it cannot find, and one that it may not run. */
const notFoundCode = 127;
const notExecutableCode = 126;

/**
 * Runs a command in this terminal: it has our input and output, gets the signals that we get, and its exit code is
 * returned (128 and the signal's number where a signal ended it, as shells do).
 *
 * @throws TrysailError `command-not-found` (fault: user)
 */
export async function runCommand(command: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [program = "", ...args] = command;
  // Before the child runs: it may tell whoever waits for it to signal us at once.
  let child: ChildProcess | undefined;
  const passOn = (signal: NodeJS.Signals) => child?.kill(signal);
  // A terminal sends Ctrl-C to the child as well as to us; we only have to outlive it. Others are sent to us alone.
  const interrupt = isatty(0) ? () => {} : passOn;
  process.on("SIGINT", interrupt);
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, passOn);
  try {
    const running = spawn(program, args, { stdio: "inherit", env: environment });
    child = running;
    return await new Promise<number>((resolve, reject) => {
      running.once("error", (error) => reject(cannotRun(program, error)));
      running.once("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
    });
  } finally {
    process.off("SIGINT", interrupt);
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.off(signal, passOn);
  }
}

function cannotRun(program: string, error: Error): TrysailError {
  const isMissing = codeOf(error) === "ENOENT";
  return new TrysailError(
    "command-not-found",
    isMissing ? `There is no command "${program}".` : `"${program}" cannot be run: ${error.message}`,
    {
      fault: "user",
      cause: error,
      exitCode: isMissing ? notFoundCode : notExecutableCode,
    },
  );
}
