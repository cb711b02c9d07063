import type { MetricDataResult } from "@aws-sdk/client-cloudwatch";
import { keyOf, tokenOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { checkReferences, evaluateQueries } from "../query/evaluate.ts";
import type { Result } from "../query/evaluate.ts";
import { readQueries } from "../query/read-query.ts";
import type { Sdk } from "../sdk.ts";

const mostQueries = 500;
const mostDatapoints = 100_800;

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
export const getMetricData: Handler<Sdk, "getMetricData"> = (ctx, input) => {
  const { MetricDataQueries: given, StartTime, EndTime, ScanBy = "TimestampDescending", NextToken } = input;
  const { MaxDatapoints: most = mostDatapoints } = input;
  if (given.length === 0 || given.length > mostQueries)
    throw errors.ValidationError(`The collection MetricDataQueries must have 1 to ${mostQueries} items.`);
  if (StartTime.getTime() >= EndTime.getTime())
    throw errors.ValidationError("The parameter StartTime must be less than the parameter EndTime.");
  if (most < 1 || most > mostDatapoints)
    throw errors.ValidationError(`The parameter MaxDatapoints must be between 1 and ${mostDatapoints}.`);
  const queries = readQueries(given, ctx.account, "MetricDataQueries");
  checkReferences(queries);
  const results = evaluateQueries(ctx, queries, { start: StartTime.getTime(), end: EndTime.getTime() });
  const from = keyOf<number>(NextToken, errors.InvalidNextToken) ?? 0;
  return pageOfResults(results, ScanBy === "TimestampDescending", from, most);
};

/** The points of all results from one on, up to so many. */
function pageOfResults(
  results: readonly Result[],
  isDescending: boolean,
  from: number,
  most: number,
): { MetricDataResults: MetricDataResult[]; NextToken: string | undefined; Messages: [] } {
  const shown: MetricDataResult[] = [];
  let seen = 0;
  let left = most;
  for (const { id, label, times, values } of results) {
    const start = Math.max(0, from - seen);
    const end = Math.min(times.length, start + left);
    const isPast = start >= times.length && times.length > 0;
    const isWhole = end === times.length;
    seen += times.length;
    if (isPast) continue;
    left -= end - start;
    // In the order of the answer, of which pages are parts.
    const at = (place: number) => (isDescending ? times.length - 1 - place : place);
    const Timestamps: Date[] = [];
    const Values: number[] = [];
    for (let place = start; place < end; place++) {
      Timestamps.push(new Date((times[at(place)] ?? 0) * 1000));
      Values.push(values[at(place)] ?? 0);
    }
    shown.push({ Id: id, Label: label, Timestamps, Values, StatusCode: isWhole ? "Complete" : "PartialData" });
  }
  const next = from + most - left;
  return { MetricDataResults: shown, NextToken: next < seen ? tokenOf(next) : undefined, Messages: [] };
}
