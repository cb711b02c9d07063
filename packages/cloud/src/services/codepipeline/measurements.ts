import type { Millis } from "@trysail/core";
import type { Measurement } from "../../kernel/measurement.ts";

const namespace = "AWS/CodePipeline";

/**
 * An execution that has ended by itself: how long it took, and whether it failed. The samples of
 * `FailedPipelineExecutions` are the executions, their sum is those that failed.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/monitoring-cloudwatch-metrics.html
 */
export function executionMeasurements(
  pipeline: string,
  execution: { readonly startedAt: Millis; readonly endedAt: Millis; readonly hasFailed: boolean },
): readonly Measurement[] {
  const series = [{ PipelineName: pipeline }];
  const seconds = (execution.endedAt - execution.startedAt) / 1000;
  return [
    { namespace, name: "PipelineDuration", unit: "Seconds", series, values: [seconds] },
    { namespace, name: "FailedPipelineExecutions", unit: "Count", series, values: [execution.hasFailed ? 1 : 0] },
  ];
}
