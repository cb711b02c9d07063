import type { Build, BuildPhase } from "@aws-sdk/client-codebuild";
import type { Dimensions, Measurement } from "../../kernel/measurement.ts";

const namespace = "AWS/CodeBuild";

type Ended = Pick<Build, "id" | "buildNumber" | "projectName">;

const ofProject = ({ projectName = "" }: Ended): readonly Dimensions[] => [{}, { ProjectName: projectName }];

const ofBuild = (build: Ended): readonly Dimensions[] => {
  const { id = "", buildNumber = 0, projectName = "" } = build;
  return [...ofProject(build), { BuildId: id, BuildNumber: String(buildNumber), ProjectName: projectName }];
};

const count = (name: string, build: Ended): Measurement => ({
  namespace,
  name,
  unit: "Count",
  series: ofProject(build),
  values: [1],
});

/**
 * A build that was asked for.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/cloudwatch_metrics-codebuild.html
 */
export const startMeasurement = (build: Ended): Measurement => count("Builds", build);

/** A build that is complete. One that was stopped has neither succeeded nor failed. */
export function endMeasurements(build: Build): readonly Measurement[] {
  const { startTime, endTime, buildStatus } = build;
  const seconds = ((endTime?.getTime() ?? 0) - (startTime?.getTime() ?? 0)) / 1000;
  const outcome =
    buildStatus === "SUCCEEDED" ? "SucceededBuilds" : buildStatus === "STOPPED" ? undefined : "FailedBuilds";
  return [
    ...(outcome === undefined ? [] : [count(outcome, build)]),
    { namespace, name: "Duration", unit: "Seconds", series: ofProject(build), values: [seconds] },
  ];
}

/** `DOWNLOAD_SOURCE` is measured as `DownloadSourceDuration`. */
export function phaseMeasurement(build: Ended, { phaseType, startTime, endTime }: BuildPhase): Measurement {
  const words = (phaseType ?? "").split("_").map((word) => `${word.charAt(0)}${word.slice(1).toLowerCase()}`);
  const seconds = ((endTime?.getTime() ?? 0) - (startTime?.getTime() ?? 0)) / 1000;
  return { namespace, name: `${words.join("")}Duration`, unit: "Seconds", series: ofBuild(build), values: [seconds] };
}
