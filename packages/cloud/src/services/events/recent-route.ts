import { Readable } from "node:stream";
import type { Context, DeliveredEvent } from "../../kernel/context.ts";
import type { Route } from "../../kernel/service.ts";
import { eventJson } from "./model.ts";
import { tables } from "./store.ts";

const path = "/_trysail/events";
/** A reader that has asked for what comes is told of it at the latest when it has waited for so long, or has gone. */
const waitMs = 24 * 3_600_000;
/** Rows that are read at once. */
const page = 100;

/**
 * What `trysail events` calls: `GET /_trysail/events?region=…&lines=50&follow=1` tells the region's latest events as lines
 * of JSON, the newest last, and goes on where it is asked to. What comes is read from the table as fast as the reader
 * takes it, so that one that is slow costs nothing.
 */
export const recentEvents: Route = {
  needsKey: true,
  name: "events",
  match(request) {
    if (request.path !== path || request.method !== "GET") return undefined;
    const query = new URLSearchParams(request.query);
    const region = query.get("region");
    const parameters = {
      lines: query.get("lines") ?? "50",
      follow: query.get("follow") ?? "",
      source: query.get("source") ?? "",
    };
    return { ...(region !== null && { region }), parameters };
  },
  handle(ctx, _, { parameters: { lines = "50", follow, source = "" } }) {
    const events = told(ctx, Number(lines) || 0, source, follow === "1");
    const body = Readable.from(events, { objectMode: false });
    return Promise.resolve({ status: 200, headers: { "content-type": "application/x-ndjson" }, body });
  },
};

const lineOf = (event: DeliveredEvent) => `${JSON.stringify(eventJson(event))}\n`;

async function* told(ctx: Context, lines: number, source: string, follows: boolean): AsyncGenerator<string> {
  const recent = ctx.table(tables.recent);
  const isWanted = (event: DeliveredEvent) => event.source.startsWith(source);
  const first: [number, DeliveredEvent][] = [];
  let after = -1;
  for (const [order, event] of recent.entries({ reverse: true })) {
    if (after < 0) after = order;
    if (first.length >= lines) break;
    if (isWanted(event)) first.push([order, event]);
  }
  for (const [, event] of first.toReversed()) yield lineOf(event);
  // The head must leave, also where there is nothing to tell yet.
  if (first.length === 0) yield "\n";
  if (!follows) return;
  for (;;) {
    const found = await ctx.until(
      () => {
        const rows: [number, DeliveredEvent][] = [];
        for (const row of recent.entries(after < 0 ? {} : { after })) if (rows.push(row) === page) break;
        return rows.length === 0 ? undefined : rows;
      },
      ctx.as({}).now + waitMs,
    );
    if (found === undefined) return;
    for (const [order, event] of found) {
      after = order;
      if (isWanted(event)) yield lineOf(event);
    }
  }
}
