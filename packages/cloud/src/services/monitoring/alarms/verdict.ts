import type { MissingData } from "./model.ts";

/** How one period stands: undefined where there is no data. */
export type Point = "breaching" | "ok" | undefined;

export interface Evaluated {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missingData: MissingData;
}

/** `retain`: the alarm stays in the state that it is in. */
export type Verdict = "ALARM" | "OK" | "INSUFFICIENT_DATA" | "retain";

/** How many periods beyond those of the alarm are looked at, for data that stands in for what is missing. */
export const furtherPeriods = 2;

/**
 * How an alarm stands by its periods, the oldest first: as many as it evaluates, and {@link furtherPeriods} before.
 *
 * The newest real data decides, as far as there is enough of it in the range. What then lacks is taken for what the alarm
 * says. Where missing data is `missing`, a breach that nothing has contradicted for as many periods as make an alarm is
 * an alarm; a newer one may be contradicted yet.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function verdictOf(points: readonly Point[], alarm: Evaluated): Verdict {
  const { evaluationPeriods, datapointsToAlarm, missingData } = alarm;
  const real = points.filter((point) => point !== undefined).slice(-evaluationPeriods);
  const breaching = real.filter((point) => point === "breaching").length;
  if (breaching >= datapointsToAlarm) return "ALARM";
  const missing = evaluationPeriods - real.length;
  if (missing === 0) return "OK";
  switch (missingData) {
    case "breaching":
      return breaching + missing >= datapointsToAlarm ? "ALARM" : "OK";
    case "notBreaching":
      return "OK";
    case "ignore":
      return breaching < real.length ? "OK" : "retain";
    case "missing": {
      if (real.length === 0) return "INSUFFICIENT_DATA";
      if (breaching < real.length) return "OK";
      const oldest = points.length - points.indexOf("breaching");
      return oldest >= datapointsToAlarm ? "ALARM" : "retain";
    }
  }
}
