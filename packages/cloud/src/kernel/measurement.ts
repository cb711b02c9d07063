import type { StandardUnit } from "@aws-sdk/client-cloudwatch";
import type { Millis } from "@trysail/core";

/** Names and values that tell one series of a metric from the others: `{ LoadBalancer: "app/web/50dc6c495c0c9188" }`. */
export type Dimensions = Readonly<Record<string, string>>;

/**
 * What was measured, in CloudWatch's form: samples of one metric. The same samples may belong to several series, as
 * those of a target belong to its group and to its balancer.
 */
export interface Measurement {
  /** `AWS/ApplicationELB` */
  readonly namespace: string;
  /** As AWS names it: `RequestCount`. */
  readonly name: string;
  readonly unit: StandardUnit;
  /** The series that the samples belong to. An empty one is the metric without dimensions. */
  readonly series: readonly Dimensions[];
  readonly values: readonly number[];
  /** How often each value was seen. @defaultValue once each */
  readonly counts?: readonly number[];
  /** @defaultValue the time of the call */
  readonly at?: Millis;
  /** What the time is kept to: 1 or 60 seconds, as in PutMetricData. @defaultValue 1 */
  readonly resolutionSeconds?: 1 | 60;
}

/** {@link Measurement} with its time told. */
export type TimedMeasurement = Measurement & { readonly at: Millis };
