import type { ListedMetric } from "../series/list.ts";

/** The statistics that are told of each metric, by what their names end in. */
export const told = [
  ["sum", "Sum"],
  ["sample_count", "SampleCount"],
  ["average", "Average"],
  ["minimum", "Minimum"],
  ["maximum", "Maximum"],
] as const;

export type Told = Readonly<Record<(typeof told)[number][1], number | undefined>>;

/** A series with what was measured in the period. */
export interface Measured {
  readonly metric: ListedMetric;
  readonly values: Told;
}

/** `TargetResponseTime` is `target_response_time`. */
export const snakeCase = (name: string) => plainName(name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2"));

/** `AWS/ApplicationELB` is `aws_applicationelb`. */
function plainName(name: string): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
  return /^[a-z_]/.test(words) ? words : `_${words}`;
}

const escaped = (value: string) =>
  value
    .replaceAll("\\", String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll("\n", String.raw`\n`);

function labelsOf(of: Readonly<Record<string, string>>): string {
  const labels = Object.entries(of).map(([name, value]) => `${snakeCase(name)}="${escaped(value)}"`);
  return `{${labels.join(",")}}`;
}

/**
 * The series of one metric as Prometheus reads them: a gauge for each statistic, named as Prometheus's own exporter for
 * CloudWatch names them, so that the same dashboards fit.
 *
 * @param common - labels that all series get
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function exposition(series: readonly Measured[], common: Readonly<Record<string, string>>): string {
  const [first] = series;
  if (first === undefined) return "";
  const base = `${plainName(first.metric.namespace)}_${snakeCase(first.metric.name)}`;
  return told
    .map(([ending, statistic]) => {
      const name = `${base}_${ending}`;
      const lines = series.flatMap(({ metric, values }) => {
        const value = values[statistic];
        return value === undefined ? [] : [`${name}${labelsOf({ ...common, ...metric.dimensions })} ${value}\n`];
      });
      return lines.length === 0 ? "" : `# TYPE ${name} gauge\n${lines.join("")}`;
    })
    .join("");
}
