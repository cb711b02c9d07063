import { TrysailError } from "@trysail/core";
import { connect, dataFolderOf } from "../connection.ts";
import type { Connection } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { followFile, lastLines } from "../instance/follow-file.ts";
import { ownLogFile } from "../instance/own-log.ts";
import { ownLogLine } from "../instance/own-log-line.ts";
import { processTerminal } from "../terminal/terminal.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { setTimeout as wait } from "node:timers/promises";

interface LogsOptions {
  readonly data?: string;
  readonly region?: string;
  readonly follow?: boolean;
  readonly lines: number;
  readonly json?: boolean;
}

/** How often a log group is looked at. */
const lookMs = 500;

/** `trysail logs`: Trysail's own log also while it does not run. */
export async function logs(group: string | undefined, options: LogsOptions): Promise<number> {
  const terminal = processTerminal();
  if (group !== undefined) return groupLogs(terminal, await connect(options.data), group, options);
  const file = ownLogFile(await dataFolderOf(options.data));
  const tell = (line: string) => terminal.line(options.json === true ? line : ownLogLine(line, terminal.style));
  const { lines, end } = await lastLines(file, options.lines);
  for (const line of lines) tell(line);
  if (options.follow === true) for await (const line of followFile(file, end)) tell(line);
  return exitCodes.ok;
}

/** The lines of all streams of a log group, in the order of time. */
async function groupLogs(
  { line, style }: Terminal,
  connection: Connection,
  group: string,
  options: LogsOptions,
): Promise<number> {
  const { CloudWatchLogsClient, FilterLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new CloudWatchLogsClient(connection.configIn(options.region ?? connection.instance.regions[0] ?? ""));
  const told = new Set<string>();
  for (let isFirst = true, startTime = 0; ; isFirst = false) {
    const events = [];
    let nextToken: string | undefined;
    do {
      const page = await client
        .send(new FilterLogEventsCommand({ logGroupName: group, startTime, nextToken }))
        .catch(notFound(group));
      events.push(...(page.events ?? []));
      ({ nextToken } = page);
    } while (nextToken !== undefined);
    const fresh = events.filter(({ eventId = "" }) => !told.has(eventId));
    for (const { eventId = "", timestamp = 0, logStreamName = "", message = "" } of isFirst
      ? fresh.slice(-options.lines)
      : fresh) {
      const time = new Date(timestamp).toISOString();
      const text = message.replace(/\r?\n$/, "");
      line(
        options.json === true
          ? JSON.stringify({ time, stream: logStreamName, message: text })
          : `${style.dim(time.slice(11, 23))} ${text}`,
      );
      told.add(eventId);
    }
    if (options.follow !== true) return exitCodes.ok;
    // Lines of one build may arrive a little out of order.
    startTime = Math.max(startTime, ...events.map(({ timestamp = 0 }) => timestamp - 60_000));
    for (const { eventId = "" } of isFirst ? fresh : []) told.add(eventId);
    await wait(lookMs);
  }
}

function notFound(group: string): (error: Error) => never {
  return (error) => {
    if (error.name !== "ResourceNotFoundException") throw error;
    throw new TrysailError("log-group-not-found", `There is no log group "${group}" in this region.`, {
      fault: "user",
      next: "List them with: trysail exec -- aws logs describe-log-groups",
      cause: error,
    });
  };
}
