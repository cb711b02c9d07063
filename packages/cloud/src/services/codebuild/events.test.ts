import { expect, it } from "vitest";
import { eventTime, phaseChange, stateChange } from "./events.ts";

const build = {
  id: "app:1",
  arn: "arn:aws:codebuild:us-east-1:000000000000:build/app:1",
  projectName: "app",
  buildStatus: "FAILED" as const,
  currentPhase: "COMPLETED",
  buildComplete: true,
  startTime: new Date("2017-09-01T16:12:29Z"),
  phases: [
    {
      phaseType: "BUILD" as const,
      phaseStatus: "FAILED" as const,
      startTime: new Date("2017-09-01T00:12:29Z"),
      endTime: new Date("2017-09-01T00:13:05Z"),
      durationInSeconds: 36,
      contexts: [{ statusCode: "COMMAND_EXECUTION_ERROR", message: "exit status 1" }],
    },
    { phaseType: "COMPLETED" as const, startTime: new Date("2017-09-01T16:13:05Z") },
  ],
};

it("a build's events have the form of CodeBuild's", () => {
  expect(stateChange(build)).toMatchObject({
    source: "aws.codebuild",
    detailType: "CodeBuild Build State Change",
    resources: [build.arn],
    detail: {
      "build-status": "FAILED",
      "build-id": build.arn,
      "project-name": "app",
      "current-phase": "COMPLETED",
      "additional-information": { "build-complete": true, "build-start-time": "Sep 1, 2017 4:12:29 PM" },
    },
  });
  expect(phaseChange(build, build.phases[0] ?? {})).toMatchObject({
    detailType: "CodeBuild Build Phase Change",
    detail: {
      "completed-phase": "BUILD",
      "completed-phase-status": "FAILED",
      "completed-phase-context": "[COMMAND_EXECUTION_ERROR: exit status 1]",
      "completed-phase-duration-seconds": 36,
      "completed-phase-start": "Sep 1, 2017 12:12:29 AM",
    },
  });
});

it("an event's times are those of UTC, noon being PM", () => {
  expect(eventTime(new Date("2026-12-31T12:00:05Z"))).toBe("Dec 31, 2026 12:00:05 PM");
  expect(eventTime(undefined)).toBeUndefined();
});
