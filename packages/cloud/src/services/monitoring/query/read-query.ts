import type { MetricDataQuery, StandardUnit } from "@aws-sdk/client-cloudwatch";
import { errors } from "../errors.ts";
import { dimensionsOf } from "../operations/dimensions.ts";
import type { MetricId } from "../series/read.ts";
import { parseStatistic } from "../series/statistic.ts";
import type { Statistic } from "../series/statistic.ts";
import { parse } from "./math/parse.ts";
import type { Expression } from "./math/parse.ts";

/** A query of metrics, read and checked. */
export type Query = {
  readonly id: string;
  readonly label: string | undefined;
  readonly isReturned: boolean;
} & (
  | {
      readonly kind: "metric";
      readonly metric: MetricId;
      readonly statisticText: string;
      readonly statistic: Statistic;
      readonly periodSeconds: number;
    }
  | {
      readonly kind: "expression";
      readonly text: string;
      readonly expression: Expression;
      readonly periodSeconds: number | undefined;
    }
);

/** Whether CloudWatch has data of a period. */
export function isPeriod(seconds: number): boolean {
  return [1, 5, 10, 20, 30].includes(seconds) || (seconds >= 60 && seconds % 60 === 0 && seconds <= 604_800);
}

/**
 * Reads the queries of a request.
 *
 * @param place - what the request calls them
 * @throws AwsError `ValidationError` and others
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
 */
export function readQueries(queries: readonly MetricDataQuery[], account: string, place: string): readonly Query[] {
  const seen = new Set<string>();
  return queries.map((query, index) => {
    const at = `${place}.member.${index + 1}`;
    const { Id: id, AccountId: owner } = query;
    if (id === undefined) throw errors.MissingParameter(`The parameter ${at}.Id is required.`);
    if (!/^[a-z]\w{0,254}$/.test(id))
      throw errors.ValidationError(
        `The value '${id}' for parameter ${at}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
      );
    if (seen.has(id)) throw errors.ValidationError(`The values for parameter id in ${place} are not unique.`);
    seen.add(id);
    if (owner !== undefined && owner !== account)
      throw errors.ValidationError(`Trysail reads an account's own metrics only, not those of ${owner}.`);
    return readQuery(query, id, at);
  });
}

function readQuery(query: MetricDataQuery, id: string, at: string): Query {
  const { MetricStat: stat, Expression: text, Label: label, ReturnData: isReturned = true, Period } = query;
  const common = { id, label, isReturned };
  if ((stat === undefined) === (text === undefined))
    throw errors.ValidationError(
      `Exactly one of the parameters ${at}.MetricStat and ${at}.Expression must be specified.`,
    );
  if (text !== undefined) {
    if (Period !== undefined) checkPeriod(Period, `${at}.Period`);
    return { ...common, kind: "expression", text, expression: parsed(id, text), periodSeconds: Period };
  }
  const { Metric: metric, Period: periodSeconds, Stat: statisticText = "", Unit: unit } = stat ?? {};
  if (metric?.Namespace === undefined || metric.MetricName === undefined)
    throw errors.MissingParameter(`The parameters ${at}.MetricStat.Metric.Namespace and MetricName are required.`);
  if (periodSeconds === undefined) throw errors.MissingParameter(`The parameter ${at}.MetricStat.Period is required.`);
  checkPeriod(periodSeconds, `${at}.MetricStat.Period`);
  const statistic = parseStatistic(statisticText);
  if (statistic === undefined)
    throw errors.ValidationError(
      `The value '${statisticText}' for parameter ${at}.MetricStat.Stat is not a valid statistic.`,
    );
  return {
    ...common,
    kind: "metric",
    metric: metricOf(
      metric.Namespace,
      metric.MetricName,
      dimensionsOf(metric.Dimensions, `${at}.MetricStat.Metric.Dimensions`),
      unit,
    ),
    statisticText,
    statistic,
    periodSeconds,
  };
}

export function metricOf(
  namespace: string,
  name: string,
  dimensions: MetricId["dimensions"],
  unit: StandardUnit | undefined,
): MetricId {
  return { namespace, name, dimensions, ...(unit !== undefined && { unit }) };
}

/** @throws AwsError `ValidationError` */
function checkPeriod(seconds: number, place: string): void {
  if (!isPeriod(seconds))
    throw errors.ValidationError(
      `The parameter ${place} must be 1, 5, 10, 20, 30 or a multiple of 60. Value: ${seconds}`,
    );
}

/** @throws AwsError `ValidationError` */
function parsed(id: string, text: string): Expression {
  try {
    return parse(text);
  } catch (error) {
    throw errors.ValidationError(`Error in expression '${id}': ${(error as Error).message}`);
  }
}
