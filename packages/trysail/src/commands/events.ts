import { connect } from "../connection.ts";
import type { Connection } from "../connection.ts";
import { eventLine } from "../events/event-line.ts";
import type { ToldEvent } from "../events/event-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { tellInstance } from "../instance/management.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface EventsOptions {
  readonly data?: string;
  readonly region?: string;
  readonly follow?: boolean;
  readonly lines: number;
  readonly source?: string;
  readonly json?: boolean;
}

/** `trysail events`: of all regions, or of one. */
export async function events(options: EventsOptions): Promise<number> {
  const { line, note, style, columns, isLive } = processTerminal({ isQuiet: options.json === true });
  const connection = await connect(options.data);
  const tell = (text: string) => {
    if (options.json === true) return line(text);
    const event = JSON.parse(text) as ToldEvent;
    line(eventLine(event, style, isLive ? columns : undefined));
  };
  const regions = options.region === undefined ? connection.instance.regions : [options.region];
  if (options.follow === true) {
    await Promise.all(
      regions.map(async (region) => {
        for await (const text of linesOf(connection, region, options)) tell(text);
      }),
    );
    return exitCodes.ok;
  }
  const told: string[] = [];
  for (const region of regions) for await (const text of linesOf(connection, region, options)) told.push(text);
  if (told.length === 0) note("Nothing has happened yet.");
  const inOrder = told.map((text) => ({ text, time: (JSON.parse(text) as ToldEvent).time }));
  // Of one region they are in their order, which times that are the same must not upset.
  for (const { text } of inOrder
    .toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
    .slice(-options.lines))
    tell(text);
  return exitCodes.ok;
}

async function* linesOf(
  { instance }: Connection,
  region: string,
  { lines, source = "", follow }: EventsOptions,
): AsyncGenerator<string> {
  const query = new URLSearchParams({ region, lines: String(lines), source, ...(follow === true && { follow: "1" }) });
  for await (const text of tellInstance(instance, `events?${query.toString()}`)) if (text !== "") yield text;
}
