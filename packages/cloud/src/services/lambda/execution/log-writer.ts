import { messageOf } from "@trysail/core";
import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";

/** What one call of PutLogEvents takes, and one event of it. */
const largestBatch = { lines: 10_000, bytes: 900_000 } as const;
const longestLineBytes = 256_000;

/**
 * Lines are given this time to gather. Each write goes to the disk, for which answers wait that are given meanwhile: a
 * call should not wait for the log of the one before.
 */
const gatherMs = 100;

interface Line {
  readonly timestamp: Millis;
  readonly message: string;
}

/** The log of one environment, in a stream of its own. */
export interface LogWriter {
  /** The stream's name. */
  readonly stream: string;
  /** What the program has written, in pieces as they come. */
  output(chunk: Buffer): void;
  /** Ends a line that the program has left open, and adds lines of the platform's. */
  platform(lines: readonly string[]): void;
  /** The end of what was written since the last call: at most 4 KiB. */
  takeTail(): string;
  /** Resolves when all lines are in the log. */
  drain(): Promise<void>;
}

const tailBytes = 4096;

/** Opens a log. Its group and stream are made when there is something to write. */
export function openLog(ctx: Context, group: string, stream: string): LogWriter {
  let open: Buffer = Buffer.alloc(0);
  let waiting: Line[] = [];
  let tail = "";
  let pumping: Promise<void> | undefined;
  let lastTime = 0;
  let isMade = false;
  let hurry: () => void = () => {};

  const make = async () => {
    const { logs } = ctx.call;
    const unlessThere = (error: unknown) => {
      if (!isAwsError(error, "ResourceAlreadyExistsException")) throw error;
    };
    await logs.createLogGroup({ logGroupName: group }).catch(unlessThere);
    await logs.createLogStream({ logGroupName: group, logStreamName: stream }).catch(unlessThere);
    isMade = true;
  };

  const put = async (logEvents: Line[]) => {
    if (!isMade) await make();
    const write = () => ctx.call.logs.putLogEvents({ logGroupName: group, logStreamName: stream, logEvents });
    await write().catch(async (error: unknown) => {
      // Somebody has deleted it meanwhile: as in AWS it is made again.
      if (!isAwsError(error, "ResourceNotFoundException")) throw error;
      await make();
      await write();
    });
  };

  const pump = async () => {
    await new Promise<void>((resolve) => {
      hurry = resolve;
      setTimeout(resolve, gatherMs);
    });
    while (waiting.length > 0) {
      let bytes = 0;
      const fitting = waiting.findIndex(
        ({ message }, index) =>
          (bytes += Buffer.byteLength(message) + 26) > largestBatch.bytes || index === largestBatch.lines,
      );
      const batch = waiting.splice(0, fitting === -1 ? waiting.length : Math.max(1, fitting));
      try {
        await put(batch);
      } catch (error) {
        ctx.log.warn("a function's log cannot be written", { group, stream, error: messageOf(error) });
      }
    }
    pumping = undefined;
  };

  const line = (text: string) => {
    if (text === "") return;
    // The clock may be set back; a batch's lines must not go back in time.
    lastTime = Math.max(lastTime, ctx.as({}).now);
    waiting.push({ timestamp: lastTime, message: `${text}\n` });
    tail = `${tail}${text}\n`;
    if (tail.length > 4 * tailBytes) tail = tail.slice(-tailBytes);
    pumping ??= pump();
  };

  // Our runtime clients write line ends within an event as carriage returns.
  const textOf = (bytes: Buffer) => bytes.toString("utf8").replace(/\r$/, "").replaceAll("\r", "\n");

  return {
    stream,
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
        line(textOf(open.subarray(from, to)));
        from = isCut ? to : to + 1;
      }
      open = open.subarray(from);
    },
    platform(lines) {
      if (open.length > 0) line(textOf(open));
      open = Buffer.alloc(0);
      for (const text of lines) line(text);
    },
    takeTail() {
      const bytes = Buffer.from(tail);
      tail = "";
      return bytes.subarray(Math.max(0, bytes.length - tailBytes)).toString("base64");
    },
    async drain() {
      hurry();
      await pumping;
      if (waiting.length > 0 || pumping !== undefined) await this.drain();
    },
  };
}
