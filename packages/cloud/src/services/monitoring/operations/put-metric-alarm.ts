import type { PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { periodOf, queriesOf } from "../alarms/model.ts";
import type { Comparison, MetricAlarmRow, MissingData } from "../alarms/model.ts";
import { errors } from "../errors.ts";
import { checkReferences, searches } from "../query/evaluate.ts";
import { readQueries } from "../query/read-query.ts";
import type { Sdk } from "../sdk.ts";
import { commonOf, saveAlarm } from "./save-alarm.ts";

const comparisons = [
  "GreaterThanThreshold",
  "GreaterThanOrEqualToThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
] as const satisfies readonly Comparison[];
const treatments = ["missing", "ignore", "breaching", "notBreaching"] as const satisfies readonly MissingData[];

/** What an alarm may look back at, in seconds: a day, or a week where its period is an hour at least. */
const mostSeconds = 86_400;
const mostSecondsOfHours = 604_800;

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
export const putMetricAlarm: Handler<Sdk, "putMetricAlarm"> = (ctx, input) => {
  saveAlarm(ctx, readAlarm(ctx, input));
  return {};
};

function readAlarm(ctx: Context, input: Parameters<typeof putMetricAlarm>[1]): MetricAlarmRow {
  const { EvaluationPeriods: evaluationPeriods = 0, Threshold: threshold, TreatMissingData = "missing" } = input;
  const comparison = comparisons.find((one) => one === input.ComparisonOperator);
  if (comparison === undefined)
    throw errors.ValidationError(
      `Trysail has no anomaly detection: ComparisonOperator must be one of ${comparisons.join(", ")}, not ${input.ComparisonOperator}.`,
    );
  if (threshold === undefined) throw errors.MissingParameter("The parameter Threshold is required.");
  const missingData = treatments.find((one) => one === TreatMissingData);
  if (missingData === undefined)
    throw errors.ValidationError(
      `TreatMissingData must be one of ${treatments.join(", ")}. Value: ${TreatMissingData}`,
    );
  if (evaluationPeriods < 1) throw errors.ValidationError("EvaluationPeriods must be greater than or equal to 1.");
  const datapointsToAlarm = input.DatapointsToAlarm ?? evaluationPeriods;
  if (datapointsToAlarm < 1 || datapointsToAlarm > evaluationPeriods)
    throw errors.ValidationError("DatapointsToAlarm must be between 1 and EvaluationPeriods.");
  if (input.EvaluateLowSampleCountPercentile === "ignore")
    throw errors.ValidationError(
      "Trysail evaluates percentiles of few samples, too: leave out EvaluateLowSampleCountPercentile.",
    );
  for (const unsupported of ["ThresholdMetricId", "EvaluationCriteria", "EvaluationInterval"] as const)
    if (input[unsupported] !== undefined)
      throw errors.ValidationError(`Trysail evaluates alarms by a threshold: leave out ${unsupported}.`);
  const alarm: MetricAlarmRow = {
    ...commonOf(ctx, input),
    kind: "metric",
    metric: metricIn(input),
    comparison,
    threshold,
    evaluationPeriods,
    datapointsToAlarm,
    hasDatapoints: input.DatapointsToAlarm !== undefined,
    missingData,
  };
  const queries = readQueries(queriesOf(alarm), ctx.account, "Metrics");
  checkReferences(queries);
  if (queries.some(searches)) throw errors.ValidationError("SEARCH is not supported in alarms.");
  if (queries.filter(({ isReturned }) => isReturned).length !== 1)
    throw errors.ValidationError("Exactly one element of the metrics list should return data.");
  const period = periodOf(queries);
  const most = period >= 3600 ? mostSecondsOfHours : mostSeconds;
  if (period * evaluationPeriods > most)
    throw errors.ValidationError(
      `Metrics cannot be checked across more than ${most === mostSeconds ? "a day" : "a week"} (EvaluationPeriods * Period must be <= ${most}).`,
    );
  return alarm;
}

function metricIn(input: Partial<PutMetricAlarmCommandInput>): MetricAlarmRow["metric"] {
  const { Metrics, Namespace, MetricName, Dimensions, Statistic, ExtendedStatistic, Unit, Period } = input;
  if (Metrics !== undefined && Metrics.length > 0) {
    if (MetricName !== undefined || Namespace !== undefined || Period !== undefined || Statistic !== undefined)
      throw errors.ValidationError(
        "Metrics list cannot be specified with a MetricName, Namespace, Statistic or Period.",
      );
    return { Metrics };
  }
  if (MetricName === undefined || Namespace === undefined || Period === undefined)
    throw errors.ValidationError("Either Metrics, or MetricName, Namespace, Period and a statistic must be specified.");
  if ((Statistic === undefined) === (ExtendedStatistic === undefined))
    throw errors.ValidationError("Exactly one of Statistic and ExtendedStatistic must be specified.");
  return { Namespace, MetricName, Dimensions, Statistic, ExtendedStatistic, Unit, Period };
}
