/**
 * A mistake or a fault that a person reads: one clear sentence, and what to do next. Match on `code`, never on text.
 */
export class TrysailError extends Error {
  override readonly name = "TrysailError";

  /** Names the mistake for programs, such as `port-in-use`. */
  readonly code: string;
  /** Who can mend it. `user`: a wrong input or a machine that lacks something. `system`: a fault of ours. */
  readonly fault: "user" | "system";
  /** What to do next, as a sentence. */
  readonly next: string | undefined;
  /** The exit code of a command that fails with this. */
  readonly exitCode: number;

  /** @defaultValue `fault` is "system", `exitCode` 1 */
  constructor(
    code: string,
    message: string,
    options: { fault?: "user" | "system"; next?: string; cause?: unknown; exitCode?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.fault = options.fault ?? "system";
    this.next = options.next;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of anything that was thrown, such as Node's `ENOENT`; undefined where there is none. */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
