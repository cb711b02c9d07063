import type { StandardUnit } from "@aws-sdk/client-cloudwatch";
import type { Dimensions, Measurement } from "../../../kernel/measurement.ts";

const most = { dimensions: 30, metrics: 100, values: 100 } as const;

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/**
 * The metrics that a line in the embedded metric format has in it. A directive that is not as the specification wants it
 * gives none: the line is then a line and nothing more.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(message: string): readonly Measurement[] {
  // Most lines are not of this format: they need not be read.
  if (!message.includes('"CloudWatchMetrics"')) return [];
  let line: unknown;
  try {
    line = JSON.parse(message);
  } catch {
    return [];
  }
  if (!isObject(line) || !isObject(line["_aws"])) return [];
  const { Timestamp: at, CloudWatchMetrics: directives } = line["_aws"];
  if (!Number.isSafeInteger(at) || !Array.isArray(directives)) return [];
  return directives.flatMap((directive) => metricsOf(directive, line, at as number));
}

function metricsOf(directive: unknown, line: Members, at: number): Measurement[] {
  if (!isObject(directive)) return [];
  const { Namespace: namespace, Dimensions: sets, Metrics: metrics } = directive;
  if (!isText(namespace) || !Array.isArray(metrics) || metrics.length > most.metrics) return [];
  const series = seriesOf(sets, line);
  if (series === undefined) return [];
  return metrics.flatMap((metric): Measurement[] => {
    if (!isObject(metric) || !isText(metric["Name"])) return [];
    const { Name: name, Unit: unit = "None", StorageResolution: resolution } = metric;
    const values = numbersIn(line[name]);
    if (values === undefined || !isText(unit)) return [];
    return [
      { namespace, name, unit: unit as StandardUnit, at, series, values, resolutionSeconds: resolution === 1 ? 1 : 60 },
    ];
  });
}

/** The sets of dimensions with the values that the line has. @returns undefined where one is wrong or has no value */
function seriesOf(sets: unknown, line: Members): readonly Dimensions[] | undefined {
  if (sets === undefined) return [{}];
  if (!Array.isArray(sets)) return undefined;
  const series = sets.map((names: unknown): Dimensions | undefined => {
    if (!Array.isArray(names) || names.length > most.dimensions) return undefined;
    const values = names.map((name: unknown) => (isText(name) ? line[name] : undefined));
    return values.every(isText)
      ? Object.fromEntries(values.map((value, index) => [String(names[index]), value]))
      : undefined;
  });
  if (series.length === 0) return [{}];
  return series.every((one) => one !== undefined) ? series : undefined;
}

function numbersIn(value: unknown): readonly number[] | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isFine = (one: unknown): one is number => typeof one === "number" && Number.isFinite(one);
  return values.length > 0 && values.length <= most.values && values.every(isFine) ? values : undefined;
}
