import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { errors } from "../errors.ts";
import { listMetrics, listedForMs } from "../series/list.ts";
import type { ListedMetric } from "../series/list.ts";
import { readPeriods } from "../series/read.ts";
import type { MetricId } from "../series/read.ts";
import { needsValues, parseStatistic, statisticOf } from "../series/statistic.ts";
import type { Statistic } from "../series/statistic.ts";
import { labelOf, searchLabel } from "./label.ts";
import { evaluate } from "./math/evaluate.ts";
import type { Scope } from "./math/evaluate.ts";
import { calls, namesIn } from "./math/parse.ts";
import { isArray } from "./math/value.ts";
import type { TimeSeries, Value } from "./math/value.ts";
import { alignedRange } from "./range.ts";
import type { Query } from "./read-query.ts";
import { isFound, parseSearch } from "./search.ts";

/** What a query came to. An expression may come to several series. */
export interface Result {
  readonly id: string;
  readonly label: string;
  /** In seconds, the oldest first. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export interface Range {
  readonly start: Millis;
  readonly end: Millis;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html */
const mostFound = 500;

/**
 * Evaluates queries together: those that are returned, in their order, each with what others refer to.
 *
 * @throws AwsError `ValidationError` for an expression that is wrong
 */
export function evaluateQueries(ctx: Context, queries: readonly Query[], range: Range): Result[] {
  const known = new Map<string, Value>();
  const running = new Set<string>();
  const byId = new Map(queries.map((query) => [query.id, query]));
  const shortest = Math.min(...queries.map(({ periodSeconds }) => periodSeconds ?? Infinity));

  const valueOf = (id: string): Value | undefined => {
    const query = byId.get(id);
    if (query === undefined) return undefined;
    let value = known.get(id);
    if (value === undefined) {
      if (running.has(id)) throw new Error(`the expression refers to itself by way of ${id}`);
      running.add(id);
      value = query.kind === "metric" ? metricSeries(ctx, query, range) : evaluate(query.expression, scopeOf(query));
      running.delete(id);
      known.set(id, value);
    }
    return value;
  };

  const scopeOf = ({ periodSeconds }: Query): Scope => {
    const period = periodSeconds ?? (Number.isFinite(shortest) ? shortest : 60);
    return {
      periodSeconds: period,
      timeline: (seconds) => timeline(range, seconds, ctx.now),
      valueOf,
      metrics: (text) =>
        queries
          .filter((query) => query.kind === "metric" && query.id.includes(text))
          .map(({ id }) => valueOf(id) as TimeSeries),
      search: (text, statistic, seconds) => search(ctx, text, statistic, seconds ?? period, range),
    };
  };

  return queries
    .filter(({ isReturned }) => isReturned)
    .flatMap((query) => {
      try {
        const value = valueOf(query.id);
        if (value === undefined || typeof value === "number")
          throw new Error("the result must be a time series or an array of time series, not a number");
        return resultsOf(ctx, query, isArray(value) ? value : [value]);
      } catch (error) {
        if (query.kind === "metric") throw error;
        throw errors.ValidationError(`Error in expression '${query.id}': ${(error as Error).message}`);
      }
    });
}

function resultsOf(ctx: Context, query: Query, series: readonly TimeSeries[]): Result[] {
  return series.map(({ times, values, label }) => ({
    id: query.id,
    label: labelOf(ctx, query, label, values),
    times,
    values,
  }));
}

function metricSeries(ctx: Context, query: Extract<Query, { kind: "metric" }>, range: Range): TimeSeries {
  const { metric, statistic, periodSeconds } = query;
  return read(ctx, metric, statistic, periodSeconds, range, metric.name);
}

function read(
  ctx: Context,
  metric: MetricId,
  statistic: Statistic,
  periodSeconds: number,
  range: Range,
  label: string,
): TimeSeries {
  const aligned = { ...alignedRange(range, periodSeconds, ctx.now), periodSeconds, withValues: needsValues(statistic) };
  const times: number[] = [];
  const values: number[] = [];
  for (const period of readPeriods(ctx, metric, aligned)) {
    const value = statisticOf(period, statistic);
    if (value === undefined) continue;
    times.push(period.start / 1000);
    values.push(value);
  }
  return { label, times, values, periodSeconds };
}

function timeline(range: Range, periodSeconds: number, now: Millis): number[] {
  const { start, end } = alignedRange(range, periodSeconds, now);
  const times: number[] = [];
  for (let time = start / 1000; time < end / 1000; time += periodSeconds) times.push(time);
  return times;
}

function search(
  ctx: Context,
  text: string,
  statisticText: string,
  periodSeconds: number,
  range: Range,
): readonly TimeSeries[] {
  const wanted = parseSearch(text);
  const statistic = parseStatistic(statisticText);
  if (statistic === undefined) throw new Error(`'${statisticText}' is not a statistic`);
  const found: ListedMetric[] = [];
  const all = listMetrics(ctx, { namespace: wanted.schema?.namespace, since: ctx.now - listedForMs });
  for (const metric of all) {
    if (isFound(wanted, metric)) found.push(metric);
    if (found.length === mostFound) break;
  }
  const hasOneName = new Set(found.map(({ name }) => name)).size === 1;
  return found.map((metric) => read(ctx, metric, statistic, periodSeconds, range, searchLabel(metric, hasOneName)));
}

/** The metrics that queries read, other than by searching. */
export function metricsOf(queries: readonly Query[]): readonly MetricId[] {
  return queries.flatMap((query) => (query.kind === "metric" ? [query.metric] : []));
}

/**
 * Checks that expressions refer to what there is.
 *
 * @throws AwsError `ValidationError`
 */
export function checkReferences(queries: readonly Query[]): void {
  const ids = new Set(queries.map(({ id }) => id));
  for (const query of queries) {
    if (query.kind !== "expression") continue;
    // Names in capitals are words that functions know.
    const unknown = namesIn(query.expression).find((name) => !ids.has(name) && !/^[A-Z]+$/.test(name));
    if (unknown !== undefined)
      throw errors.ValidationError(`Error in expression '${query.id}': Unrecognized identifier ${unknown}`);
  }
}

/** Whether a query finds its metrics by searching. */
export function searches(query: Query): boolean {
  return query.kind === "expression" && calls(query.expression, ["SEARCH"]);
}
