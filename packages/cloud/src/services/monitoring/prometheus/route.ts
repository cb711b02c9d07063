import { Readable } from "node:stream";
import type { Context } from "../../../kernel/context.ts";
import type { Route } from "../../../kernel/service.ts";
import { isPeriod } from "../query/read-query.ts";
import { listMetrics } from "../series/list.ts";
import { readPeriods } from "../series/read.ts";
import { statisticOf } from "../series/statistic.ts";
import { exposition, told } from "./exposition.ts";
import type { Measured, Told } from "./exposition.ts";

const path = "/_trysail/metrics";
const usualPeriodSeconds = 60;

/**
 * `GET /_trysail/metrics?region=…&period=60`: what was measured in the last whole period, for Prometheus to scrape. It is
 * told metric by metric, as fast as the reader takes it.
 */
export const prometheus: Route = {
  needsKey: true,
  name: "prometheus",
  match(request) {
    if (request.path !== path || request.method !== "GET") return undefined;
    const query = new URLSearchParams(request.query);
    const region = query.get("region");
    return { ...(region !== null && { region }), parameters: { period: query.get("period") ?? "" } };
  },
  handle(ctx, _, { parameters: { period = "" } }) {
    const periodSeconds = period === "" ? usualPeriodSeconds : Number(period);
    if (!isPeriod(periodSeconds)) {
      const body = Buffer.from("period must be 1, 5, 10, 20, 30 or a multiple of 60 seconds\n");
      return Promise.resolve({ status: 400, headers: { "content-type": "text/plain" }, body });
    }
    const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
    const body = Readable.from(metrics(ctx, periodSeconds), { objectMode: false });
    return Promise.resolve({ status: 200, headers, body });
  },
};

function* metrics(ctx: Context, periodSeconds: number): Generator<string> {
  const common = { region: ctx.region, account_id: ctx.account };
  const end = Math.floor(ctx.now / 1000 / periodSeconds) * periodSeconds * 1000;
  const range = { start: end - periodSeconds * 1000, end, periodSeconds, withValues: false };
  // The format wants all of a metric in one place; they come in that order.
  let same: Measured[] = [];
  for (const metric of listMetrics(ctx, { since: range.start })) {
    const [period] = readPeriods(ctx, metric, range);
    if (period === undefined) continue;
    const before = same.at(-1)?.metric;
    if (before !== undefined && (before.name !== metric.name || before.namespace !== metric.namespace)) {
      yield exposition(same, common);
      same = [];
    }
    const values = told.map(([, kind]) => [kind, statisticOf(period, { kind })]);
    same.push({ metric, values: Object.fromEntries(values) as Told });
  }
  // An empty text would not begin the answer.
  yield `${exposition(same, common)}\n`;
}
