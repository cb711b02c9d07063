import type { MetricDatum } from "@aws-sdk/client-cloudwatch";
import type { Handler } from "../../../kernel/service.ts";
import type { Dimensions } from "../../../kernel/measurement.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { ofStatistics, ofValue, ofValues } from "../series/aggregate.ts";
import type { Aggregate } from "../series/aggregate.ts";
import { keep } from "../series/keep.ts";
import type { Datum } from "../series/keep.ts";
import { dimensionsOf } from "./dimensions.ts";
import { units } from "./units.ts";

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const limits = {
  data: 1000,
  values: 150,
  /** Values lie between −2³⁶⁰ and 2³⁶⁰. */
  value: 2 ** 360,
  oldestMs: 14 * 24 * 3_600_000,
  newestMs: 2 * 3_600_000,
} as const;

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
export const putMetricData: Handler<Sdk, "putMetricData"> = (ctx, input) => {
  const { Namespace: namespace, MetricData: given = [], EntityMetricData: byEntity = [] } = input;
  if (namespace.startsWith("AWS/") || namespace.startsWith(":") || !/^[^:][\x20-\x7E]{0,254}$/.test(namespace))
    throw errors.InvalidParameterValue(
      namespace.startsWith("AWS/")
        ? "The value AWS/ for parameter Namespace is invalid: it is reserved for AWS services."
        : `The parameter Namespace must not start with ':' and must have 1 to 255 ASCII characters. Value: ${namespace}`,
    );
  const data = [
    ...given.map((datum, index) => ({ datum, place: `MetricData.member.${index + 1}` })),
    ...byEntity.flatMap(({ MetricData = [] }, entity) =>
      MetricData.map((datum, index) => ({
        datum,
        place: `EntityMetricData.member.${entity + 1}.MetricData.member.${index + 1}`,
      })),
    ),
  ];
  if (data.length === 0) throw errors.MissingParameter("The parameter MetricData is required.");
  if (data.length > limits.data)
    throw errors.InvalidParameterValue(`The collection MetricData must not have a size greater than ${limits.data}.`);
  keep(
    ctx,
    data.map(({ datum, place }) => readDatum(datum, namespace, place, ctx.now)),
  );
  return {};
};

function readDatum(datum: MetricDatum, namespace: string, place: string, now: number): Datum {
  const { MetricName: name, Timestamp: time, StorageResolution: resolutionSeconds = 60, Unit: unit = "None" } = datum;
  if (name === undefined || name === "")
    throw errors.MissingParameter(`The parameter ${place}.MetricName is required.`);
  if (name.length > 255)
    throw errors.InvalidParameterValue(`The parameter ${place}.MetricName must be shorter than 256 characters.`);
  if (resolutionSeconds !== 1 && resolutionSeconds !== 60)
    throw errors.InvalidParameterValue(
      `The value ${resolutionSeconds} for parameter ${place}.StorageResolution must be 1 or 60.`,
    );
  if (!units.has(unit))
    throw errors.InvalidParameterValue(`The value ${unit} for parameter ${place}.Unit is not a valid unit.`);
  const at = time?.getTime() ?? now;
  if (at < now - limits.oldestMs || at > now + limits.newestMs)
    throw errors.InvalidParameterValue(
      `The parameter ${place}.Timestamp must specify a time within the past two weeks and no more than two hours in the future.`,
    );
  return {
    namespace,
    name,
    dimensions: readDimensions(datum, place),
    unit,
    at,
    resolutionSeconds,
    samples: samplesOf(datum, place),
  };
}

const noDimensions: Dimensions = {};

function readDimensions({ Dimensions: given }: MetricDatum, place: string): Dimensions {
  return given === undefined || given.length === 0 ? noDimensions : dimensionsOf(given, `${place}.Dimensions`);
}

function samplesOf(datum: MetricDatum, place: string): Aggregate {
  const { Value: value, Values: values, Counts: counts, StatisticValues: statistics } = datum;
  const kinds = [value, values, statistics].filter((kind) => kind !== undefined).length;
  if (kinds === 0)
    throw errors.MissingParameter(
      `At least one of the parameters ${place}.Value, ${place}.Values or ${place}.StatisticValues must be specified.`,
    );
  if (kinds > 1)
    throw errors.InvalidParameterCombination(
      `The parameters ${place}.Value, ${place}.Values and ${place}.StatisticValues are mutually exclusive and you have specified more than one.`,
    );
  if (value !== undefined) return ofValue(checked(value, `${place}.Value`), 1);
  if (statistics !== undefined) {
    const { SampleCount = 0, Sum = 0, Minimum = 0, Maximum = 0 } = statistics;
    const count = checked(SampleCount, `${place}.StatisticValues.SampleCount`);
    const min = checked(Minimum, `${place}.StatisticValues.Minimum`);
    const max = checked(Maximum, `${place}.StatisticValues.Maximum`);
    if (count <= 0)
      throw errors.InvalidParameterValue(`The parameter ${place}.StatisticValues.SampleCount must be greater than 0.`);
    if (min > max)
      throw errors.InvalidParameterValue(
        `The parameter ${place}.StatisticValues.Maximum must not be less than ${place}.StatisticValues.Minimum.`,
      );
    return ofStatistics(count, checked(Sum, `${place}.StatisticValues.Sum`), min, max);
  }
  return valuesIn(values ?? [], counts, place);
}

function valuesIn(values: readonly number[], counts: readonly number[] | undefined, place: string): Aggregate {
  if (values.length === 0) throw errors.MissingParameter(`The parameter ${place}.Values must not be empty.`);
  if (values.length > limits.values)
    throw errors.InvalidParameterValue(
      `The collection ${place}.Values must not have a size greater than ${limits.values}.`,
    );
  if (counts !== undefined && counts.length !== values.length)
    throw errors.InvalidParameterValue(`The parameters ${place}.Values and ${place}.Counts must be of the same size.`);
  for (const value of values) checked(value, `${place}.Values`);
  for (const count of counts ?? [])
    if (!(count > 0 && Number.isFinite(count)))
      throw errors.InvalidParameterValue(`The value ${count} for parameter ${place}.Counts is invalid.`);
  return ofValues(values, counts);
}

function checked(value: number, place: string): number {
  if (!(Math.abs(value) <= limits.value))
    throw errors.InvalidParameterValue(`The value ${value} for parameter ${place} is invalid.`);
  return value;
}
