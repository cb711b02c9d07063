import { TrysailError, codeOf, messageOf } from "@trysail/core";
import { exitCodes } from "./exit-codes.ts";

/** A command that failed, as its user is told of it. */
export interface Failure {
  /** Names the mistake for programs: ours, AWS's (`PipelineNotFoundException`) or Node's (`ENOENT`). */
  readonly code: string;
  readonly message: string;
  /** What to do next, as a sentence. */
  readonly next: string | undefined;
  readonly exitCode: number;
}

/** A mistake in how a command was called. */
export function usageError(message: string, next?: string): TrysailError {
  return new TrysailError("usage", message, {
    fault: "user",
    exitCode: exitCodes.usage,
    ...(next === undefined ? {} : { next }),
  });
}

/** What a person is told of something that was thrown: one sentence, and what to do next where that is known. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof TrysailError) {
    const { code, message, next, exitCode } = thrown;
    return { code, message, next, exitCode };
  }
  const code = codeOf(thrown);
  const { disk, failure, notRunning } = exitCodes;
  const message = messageOf(thrown);
  if (isOneOf(code, "ENOSPC", "EDQUOT")) {
    return {
      code: "disk-full",
      message: "The disk is full.",
      next: "Make room, or give a folder on another disk with --data.",
      exitCode: disk,
    };
  }
  if (isOneOf(code, "EROFS", "EACCES", "EPERM")) {
    return {
      code: "disk-refuses",
      message: `The disk does not let Trysail write: ${message}.`,
      next: "Give a folder of your own with --data.",
      exitCode: disk,
    };
  }
  if (isOneOf(code, "ECONNREFUSED", "ECONNRESET")) {
    return {
      code: "not-running",
      message: "Trysail does not answer.",
      next: "Start it with: trysail up",
      exitCode: notRunning,
    };
  }
  // AWS's errors carry their code as their name.
  const name = thrown instanceof Error ? thrown.name : "Error";
  const isAws = typeof thrown === "object" && thrown !== null && "$metadata" in thrown;
  return { code: code ?? name, message: isAws ? `${name}: ${message}` : message, next: undefined, exitCode: failure };
}

function isOneOf(code: string | undefined, ...codes: readonly string[]): boolean {
  return code !== undefined && codes.includes(code);
}
