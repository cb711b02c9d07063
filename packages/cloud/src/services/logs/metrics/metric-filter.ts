import type { MetricTransformation, StandardUnit } from "@aws-sdk/client-cloudwatch-logs";
import type { Millis } from "@trysail/core";
import type { Measurement } from "../../../kernel/measurement.ts";
import type { FilterPattern } from "../pattern/filter-pattern.ts";

/** Makes a metric of the lines of a group that match a pattern. */
export interface MetricFilter {
  readonly group: string;
  readonly name: string;
  readonly pattern: string;
  readonly createdAt: Millis;
  readonly transformation: Transformation;
}

export interface Transformation {
  readonly metricName: string;
  readonly metricNamespace: string;
  /** A number, or what a line is asked for: `$.latency`, `$bytes`. */
  readonly metricValue: string;
  readonly defaultValue: number | undefined;
  /** Names to what a line is asked for. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: StandardUnit;
}

export interface LogLine {
  readonly timestamp: Millis;
  readonly message: string;
}

/** A number that is written out, and nothing else. */
function numberIn(text: string | undefined): number | undefined {
  const number = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

const minuteMs = 60_000;

/**
 * What a filter measures of lines that came together. A line of which it gets no number, or not all dimensions, is not
 * measured. A minute in which no line matched is the default value, where there is one.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
 */
export function measure(
  { metricName: name, metricNamespace: namespace, metricValue, defaultValue, dimensions, unit }: Transformation,
  pattern: FilterPattern,
  lines: readonly LogLine[],
): readonly Measurement[] {
  const measured: Measurement[] = [];
  const unmatched = new Map<number, Millis>();
  const matched = new Set<number>();
  for (const { timestamp: at, message } of lines) {
    const minute = Math.floor(at / minuteMs);
    if (!pattern.matches(message)) {
      unmatched.set(minute, at);
      continue;
    }
    matched.add(minute);
    const value = numberIn(metricValue.startsWith("$") ? pattern.select(message, metricValue) : metricValue);
    const series = Object.entries(dimensions).map(([key, from]) => [key, pattern.select(message, from)] as const);
    if (value === undefined || series.some(([, text]) => text === undefined || text === "")) continue;
    measured.push({
      namespace,
      name,
      unit,
      at,
      values: [value],
      series: [Object.fromEntries(series) as Record<string, string>],
    });
  }
  if (defaultValue === undefined) return measured;
  const defaults = [...unmatched].filter(([minute]) => !matched.has(minute));
  return [
    ...measured,
    ...defaults.map(([, at]): Measurement => ({ namespace, name, unit, at, values: [defaultValue], series: [{}] })),
  ];
}

const longestName = 255;
const mostDimensions = 3;

/** What is wrong with a transformation; undefined if nothing is. */
export function faultOf(given: MetricTransformation): string | undefined {
  const { metricName = "", metricNamespace = "", metricValue = "", dimensions, defaultValue } = given;
  for (const [member, text] of Object.entries({ metricName, metricNamespace }))
    if (text.length > longestName || /[:*$]/.test(text)) return `The ${member} '${text}' is not valid.`;
  if (!metricValue.startsWith("$") && numberIn(metricValue) === undefined)
    return `Invalid metric transformation: the metricValue '${metricValue}' is neither a number nor a reference to a field.`;
  const references = Object.entries(dimensions ?? {});
  if (references.length > mostDimensions)
    return `Invalid metric transformation: there can be ${mostDimensions} dimensions at the most.`;
  if (references.some(([, from]) => !from.startsWith("$")))
    return "Invalid metric transformation: a dimension's value must be a reference to a field.";
  if (references.length > 0 && defaultValue !== undefined)
    return "Invalid metric transformation: dimensions and default value are mutually exclusive properties.";
  return undefined;
}
