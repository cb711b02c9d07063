/** One call of a function, as its environment gets it. */
export interface Invocation {
  readonly requestId: string;
  readonly payload: Uint8Array;
  /** The ARN that it was called by: with the qualifier that was given. */
  readonly arn: string;
  /** JSON, as the caller gave it. */
  readonly clientContext: string | undefined;
}

/** How a call went. */
export interface Outcome {
  readonly status: "succeeded" | "failed";
  /** What the caller is told, as JSON; of a failure `errorType` and `errorMessage`. */
  readonly payload: Buffer;
  readonly tail: string;
  /** How long the handler took, without the start of its environment. */
  readonly durationMs: number;
}

/** Faults that are the environment's and not the handler's, in AWS's words. */
export function environmentFault(
  requestId: string,
  fault: EnvironmentFault,
): { errorType: string; errorMessage: string } {
  const told = (errorType: string, text: string) => ({
    errorType,
    errorMessage: `RequestId: ${requestId} Error: ${text}`,
  });
  switch (fault.kind) {
    case "timeout":
      return told("Sandbox.Timedout", `Task timed out after ${fault.seconds.toFixed(2)} seconds`);
    case "exit":
      return told("Runtime.ExitError", exitText(fault));
    case "start":
      return told("Runtime.InvalidEntrypoint", fault.reason);
    default:
      return fault satisfies never;
  }
}

export type EnvironmentFault =
  | { readonly kind: "timeout"; readonly seconds: number }
  | { readonly kind: "exit"; readonly code?: number; readonly signal?: NodeJS.Signals }
  /** It could not be started. */
  | { readonly kind: "start"; readonly reason: string };

const signalNames: Readonly<Record<string, string>> = {
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGILL: "illegal instruction",
  SIGINT: "interrupt",
  SIGKILL: "killed",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
};

/** How Lambda tells of a program that has ended: the names are those of Go. */
export function exitText({ code, signal }: { readonly code?: number; readonly signal?: NodeJS.Signals }): string {
  if (signal !== undefined) return `Runtime exited with error: signal: ${signalNames[signal] ?? signal}`;
  return code === undefined || code === 0
    ? "Runtime exited without providing a reason"
    : `Runtime exited with error: exit status ${code}`;
}
