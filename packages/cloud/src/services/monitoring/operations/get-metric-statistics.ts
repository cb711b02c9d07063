import type { Datapoint } from "@aws-sdk/client-cloudwatch";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { alignedRange } from "../query/range.ts";
import { isPeriod, metricOf } from "../query/read-query.ts";
import type { Sdk } from "../sdk.ts";
import { readPeriods, unitOf } from "../series/read.ts";
import { needsValues, parseStatistic, statisticOf } from "../series/statistic.ts";
import type { Statistic } from "../series/statistic.ts";
import { dimensionsOf } from "./dimensions.ts";

const mostDatapoints = 1440;

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
export const getMetricStatistics: Handler<Sdk, "getMetricStatistics"> = (ctx, input) => {
  const { Namespace, MetricName, StartTime, EndTime, Period, Statistics: names = [], ExtendedStatistics = [] } = input;
  if (names.length === 0 && ExtendedStatistics.length === 0)
    throw errors.InvalidParameterCombination("At least one of Statistics and ExtendedStatistics must be specified.");
  if (names.length > 0 && ExtendedStatistics.length > 0)
    throw errors.InvalidParameterCombination("Statistics and ExtendedStatistics must not be specified together.");
  if (!isPeriod(Period))
    throw errors.InvalidParameterValue(
      `The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60. Value: ${Period}`,
    );
  const range = { start: StartTime.getTime(), end: EndTime.getTime() };
  if (range.start >= range.end)
    throw errors.InvalidParameterCombination("The parameter StartTime must be less than the parameter EndTime.");
  const asked = Math.ceil((range.end - range.start) / 1000 / Period);
  if (asked > mostDatapoints)
    throw errors.InvalidParameterCombination(
      `You have requested up to ${asked} datapoints, which exceeds the limit of ${mostDatapoints}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  const metric = metricOf(Namespace, MetricName, dimensionsOf(input.Dimensions), input.Unit);
  const statistics = [...names, ...ExtendedStatistics].map((text) => [text, statisticNamed(text)] as const);
  const withValues = statistics.some(([, statistic]) => needsValues(statistic));
  const periods = readPeriods(ctx, metric, {
    ...alignedRange(range, Period, ctx.now),
    periodSeconds: Period,
    withValues,
  });
  const unit = input.Unit ?? unitOf(ctx, metric) ?? "None";
  const Datapoints = periods.flatMap((period): Datapoint[] => {
    const known = statistics.flatMap(([text, statistic]) => {
      const value = statisticOf(period, statistic);
      return value === undefined ? [] : [[text, value] as const];
    });
    if (known.length === 0) return [];
    const values = Object.fromEntries(known);
    const told = names.length > 0 ? values : { ExtendedStatistics: values };
    return [{ Timestamp: new Date(period.start), Unit: unit, ...told }];
  });
  return { Label: MetricName, Datapoints };
};

function statisticNamed(text: string): Statistic {
  const statistic = parseStatistic(text);
  if (statistic === undefined) throw errors.InvalidParameterValue(`The value ${text} is not a valid statistic.`);
  return statistic;
}
