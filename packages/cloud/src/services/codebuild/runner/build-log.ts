import type { Millis } from "@trysail/core";

export interface BuildLogLine {
  readonly timestamp: Millis;
  /** With its line end, as CodeBuild writes it. */
  readonly message: string;
}

/** Takes lines away: to CloudWatch Logs, to a file. Is not called again before it has resolved. */
export type LogSink = (lines: readonly BuildLogLine[]) => Promise<void>;

/** A longer line is cut: an event of CloudWatch Logs holds 256 KiB. */
const longestLineBytes = 200_000;

/** What one call of PutLogEvents takes. */
const largestBatch = { lines: 5000, bytes: 500_000 } as const;

/** A secret shorter than this would blot out what is no secret. */
const shortestSecret = 3;

/** The log of one build. Lines go to the sinks as they are written, as many at a time as have come meanwhile. */
export interface BuildLog {
  /** A line of CodeBuild's own. */
  container(text: string): void;
  /** What a command has written. */
  output(chunk: Buffer): void;
  /** Ends a line that a command has left open. */
  endLine(): void;
  /** From now on this shows as `***`. */
  hide(secret: string): void;
  /** Resolves when all lines have been taken away. */
  drain(): Promise<void>;
}

/** `2026/01/31 12:00:00.123000`, in UTC. */
export function logTime(at: Millis): string {
  return new Date(at).toISOString().replaceAll("-", "/").replace("T", " ").replace("Z", "000");
}

/**
 * @param onFault - told once, if a sink fails; the build goes on without it
 */
export function openBuildLog(parts: {
  readonly now: () => Millis;
  readonly sinks: readonly LogSink[];
  readonly onFault: (error: unknown) => void;
}): BuildLog {
  const { now, onFault } = parts;
  let sinks = [...parts.sinks];
  let secrets: string[] = [];
  let open: Buffer = Buffer.alloc(0);
  let waiting: BuildLogLine[] = [];
  let pumping: Promise<void> | undefined;
  let lastTime = 0;

  const pump = async () => {
    // In a later turn, so that lines which are written together go together.
    await Promise.resolve();
    while (waiting.length > 0) {
      let bytes = 0;
      const fitting = waiting.findIndex(
        ({ message }, index) => (bytes += message.length) > largestBatch.bytes || index === largestBatch.lines,
      );
      const batch = waiting.splice(0, fitting === -1 ? waiting.length : Math.max(1, fitting));
      const results = await Promise.allSettled(sinks.map((sink) => sink(batch)));
      results.forEach((result) => {
        if (result.status === "rejected") onFault(result.reason);
      });
      sinks = sinks.filter((_, index) => results[index]?.status === "fulfilled");
    }
    pumping = undefined;
  };

  const line = (text: string) => {
    let shown = text;
    for (const secret of secrets) shown = shown.replaceAll(secret, "***");
    // The clock may stand still or be set back; a stream's lines must not go back in time.
    lastTime = Math.max(lastTime, now());
    waiting.push({ timestamp: lastTime, message: `${shown}\n` });
    pumping ??= pump();
  };

  const endLine = () => {
    if (open.length > 0) line(open.toString("utf8").replace(/\r$/, ""));
    open = Buffer.alloc(0);
  };

  return {
    endLine,
    container(text) {
      endLine();
      line(`[Container] ${logTime(now())} ${text}`);
    },
    output(chunk) {
      open = open.length === 0 ? chunk : Buffer.concat([open, chunk]);
      let from = 0;
      for (
        let end = open.indexOf(10);
        end !== -1 || open.length - from > longestLineBytes;
        end = open.indexOf(10, from)
      ) {
        const isCut = end === -1 || end - from > longestLineBytes;
        const to = isCut ? from + longestLineBytes : end;
        line(open.toString("utf8", from, to).replace(/\r$/, ""));
        from = isCut ? to : to + 1;
      }
      open = open.subarray(from);
    },
    hide(secret) {
      const parts = [secret, ...secret.split("\n")]
        .map((part) => part.trim())
        .filter((part) => part.length >= shortestSecret);
      // The longest first: one secret may be part of another.
      secrets = [...new Set([...secrets, ...parts])].toSorted((a, b) => b.length - a.length);
    },
    async drain() {
      endLine();
      // Lines that come while the last ones are taken away begin a pump of their own.
      await pumping;
      if (waiting.length > 0) await this.drain();
    },
  };
}
