import type { CloudWatchClient, Datapoint, Metric } from "@aws-sdk/client-cloudwatch";
import { TrysailError } from "@trysail/core";
import { setTimeout as wait } from "node:timers/promises";
import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { periodFor } from "../metrics/choose.ts";
import { plotLines } from "../metrics/plot.ts";
import type { PlotPoint } from "../metrics/plot.ts";
import { dimensionsText, findSeries } from "../metrics/series.ts";
import { liveBlock } from "../terminal/live-block.ts";
import { processTerminal } from "../terminal/terminal.ts";
import type { Terminal } from "../terminal/terminal.ts";

interface PlotCommandOptions {
  readonly data?: string;
  readonly region?: string;
  readonly namespace?: string;
  readonly dimension?: readonly (readonly [string, string])[];
  readonly statistic?: string;
  /** Seconds. */
  readonly period?: number;
  /** Seconds. */
  readonly since: number;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** Lines of one curve. */
const rows = 8;
/** More curves than this are not drawn: a person looks for one. */
const mostSeries = 5;
const redrawMs = 1000;

interface Curve {
  readonly metric: Metric;
  readonly statistic: string;
  readonly unit: string;
  readonly points: readonly PlotPoint[];
}

/** `trysail metrics plot`: the curves of a metric, one below the other. */
export async function plot(name: string, options: PlotCommandOptions): Promise<number> {
  const terminal = processTerminal();
  const { CloudWatchClient } = await import("@aws-sdk/client-cloudwatch");
  const { instance, configIn } = await connect(options.data);
  const client = new CloudWatchClient(configIn(options.region ?? instance.regions[0] ?? ""));
  const wanted = { name, ...(options.namespace !== undefined && { namespace: options.namespace }) };
  const series = await findSeries(client, { ...wanted, dimensions: options.dimension ?? [] });
  if (series.length === 0)
    throw new TrysailError("metric-not-found", `There is no metric "${name}" with these dimensions in this region.`, {
      fault: "user",
      next: "List them with: trysail metrics list",
    });
  const shown = series.slice(0, mostSeries);
  const left = series.length - shown.length;
  if (left > 0) terminal.note(`${left} more series are not shown: name dimensions, as in --dimension LoadBalancer=…`);

  const period = options.period ?? periodFor(options.since, terminal.columns * 2);
  const look = async (): Promise<{ readonly to: number; readonly curves: readonly Curve[] }> => {
    const to = Math.ceil(Date.now() / 1000 / period) * period * 1000;
    const from = to - options.since * 1000;
    return {
      to,
      curves: await Promise.all(shown.map((metric) => curveOf(client, metric, options, { from, to, period }))),
    };
  };
  if (options.json === true) {
    const { curves } = await look();
    terminal.line(JSON.stringify(curves));
    return exitCodes.ok;
  }
  const draw = async () => {
    const { to, curves } = await look();
    const range = { from: to - options.since * 1000, to, period };
    return curves.flatMap((curve) => curveLines(terminal, curve, range));
  };
  if (options.follow !== true || !terminal.isLive) {
    for (const line of await draw()) terminal.line(line);
    return exitCodes.ok;
  }
  const block = liveBlock(terminal);
  for (;;) {
    block.draw(await draw());
    await wait(redrawMs);
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
  /** Seconds. */
  readonly period: number;
}

async function curveOf(
  client: CloudWatchClient,
  metric: Metric,
  { statistic }: PlotCommandOptions,
  { from, to, period }: Range,
): Promise<Curve> {
  const { GetMetricStatisticsCommand } = await import("@aws-sdk/client-cloudwatch");
  const extended = statistic !== undefined && !plainStatistics.has(statistic);
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: metric.Namespace,
      MetricName: metric.MetricName,
      Dimensions: metric.Dimensions,
      StartTime: new Date(from),
      EndTime: new Date(to),
      Period: period,
      ...(extended
        ? { ExtendedStatistics: [statistic] }
        : { Statistics: ["Sum", "Average", "Minimum", "Maximum", "SampleCount"] }),
    }),
  );
  const unit = Datapoints[0]?.Unit ?? "None";
  // Of what is counted, the sum is what people look for.
  const chosen = statistic ?? (unit === "Count" ? "Sum" : "Average");
  const points = Datapoints.map((point) => ({
    time: point.Timestamp?.getTime() ?? 0,
    value: valueOf(point, chosen),
  })).toSorted((one, other) => one.time - other.time);
  return { metric, statistic: chosen, unit, points };
}

const plainStatistics: ReadonlySet<string> = new Set(["Sum", "Average", "Minimum", "Maximum", "SampleCount"]);

function valueOf(point: Datapoint, statistic: string): number {
  const plain = (point as Readonly<Record<string, unknown>>)[statistic];
  return typeof plain === "number" ? plain : (point.ExtendedStatistics?.[statistic] ?? 0);
}

function curveLines({ style, columns }: Terminal, curve: Curve, { from, to, period }: Range): string[] {
  const { metric, statistic, unit, points } = curve;
  const of = unit === "None" ? "" : `, ${unit}`;
  const dimensions = dimensionsText(metric);
  const title = `${style.bold(`${metric.Namespace} ${metric.MetricName}`)} ${statistic} of ${period} s${of}`;
  const head = dimensions === "" ? [title] : [title, style.dim(dimensions)];
  if (points.length === 0) return [...head, "No data in this time.", ""];
  return [...head, ...plotLines(points, { from, to, periodMs: period * 1000, columns, rows, dim: style.dim }), ""];
}
