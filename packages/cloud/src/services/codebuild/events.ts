import type { Build, BuildPhase } from "@aws-sdk/client-codebuild";
import type { CloudEvent } from "../../kernel/context.ts";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Sep 1, 2017 4:12:29 PM`, as CodeBuild's events write times. */
export function eventTime(date: Date | undefined): string | undefined {
  if (date === undefined) return undefined;
  const hours = date.getUTCHours();
  const two = (value: number) => String(value).padStart(2, "0");
  return `${months[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()} ${hours % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hours < 12 ? "AM" : "PM"}`;
}

function contextOf({ contexts = [] }: BuildPhase): string[] {
  return contexts.map(({ statusCode = "", message = "" }) => `${statusCode}: ${message}`);
}

function information(build: Build) {
  const { environment, source, artifacts, logs } = build;
  return {
    artifact: {
      location: artifacts?.location ?? "",
      md5sum: artifacts?.md5sum ?? "",
      sha256sum: artifacts?.sha256sum ?? "",
    },
    environment: {
      image: environment?.image,
      "privileged-mode": environment?.privilegedMode ?? false,
      "compute-type": environment?.computeType,
      type: environment?.type,
      // As in AWS: also values of variables, which is why secrets belong elsewhere.
      "environment-variables": (environment?.environmentVariables ?? []).map(({ name, type = "PLAINTEXT", value }) => ({
        name,
        type,
        value,
      })),
    },
    "timeout-in-minutes": build.timeoutInMinutes,
    "build-complete": build.buildComplete ?? false,
    "build-number": build.buildNumber,
    initiator: build.initiator,
    "build-start-time": eventTime(build.startTime),
    source: { location: source?.location, type: source?.type, buildspec: source?.buildspec },
    "source-version": build.sourceVersion,
    logs: { "group-name": logs?.groupName, "stream-name": logs?.streamName, "deep-link": logs?.deepLink },
    phases: (build.phases ?? []).map((phase) => ({
      "phase-type": phase.phaseType,
      "phase-status": phase.phaseStatus,
      "start-time": eventTime(phase.startTime),
      "end-time": eventTime(phase.endTime),
      "duration-in-seconds": phase.durationInSeconds,
      "phase-context": phase.endTime === undefined ? undefined : contextOf(phase),
    })),
  };
}

/** @see https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html */
export function stateChange(build: Build): CloudEvent {
  return {
    source: "aws.codebuild",
    detailType: "CodeBuild Build State Change",
    resources: [build.arn ?? ""],
    detail: {
      "build-status": build.buildStatus,
      "project-name": build.projectName,
      "build-id": build.arn,
      "additional-information": information(build),
      "current-phase": build.currentPhase,
      "current-phase-context": `[${(build.phases?.at(-1)?.contexts ?? []).map(({ statusCode = "", message = "" }) => `${statusCode}: ${message}`).join(", ")}]`,
      version: "1",
    },
  };
}

/** @see https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html */
export function phaseChange(build: Build, phase: BuildPhase): CloudEvent {
  return {
    source: "aws.codebuild",
    detailType: "CodeBuild Build Phase Change",
    resources: [build.arn ?? ""],
    detail: {
      "completed-phase": phase.phaseType,
      "project-name": build.projectName,
      "build-id": build.arn,
      "completed-phase-context": `[${contextOf(phase).join(", ")}]`,
      "additional-information": information(build),
      "completed-phase-status": phase.phaseStatus,
      "completed-phase-duration-seconds": phase.durationInSeconds,
      version: "1",
      "completed-phase-start": eventTime(phase.startTime),
      "completed-phase-end": eventTime(phase.endTime),
    },
  };
}
