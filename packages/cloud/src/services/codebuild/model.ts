import type {
  Build,
  BuildPhase,
  PhaseContext,
  Project,
  ReportGroup,
  StartBuildInput,
  TestCase,
} from "@aws-sdk/client-codebuild";
import type { Millis } from "@trysail/core";
import { buildStatus, phaseTypes } from "./phases.ts";
import type { EndStatus, PhaseType } from "./phases.ts";

/** A project as BatchGetProjects tells it, and what only builds need to know. */
export interface StoredProject {
  readonly project: Project & { readonly name: string; readonly arn: string };
  /** The number of the last build. */
  readonly lastNumber: number;
}

/** A build as BatchGetBuilds tells it, and how far it is. */
export interface StoredBuild {
  readonly build: Build & { readonly id: string; readonly arn: string; readonly projectName: string };
  /** `queued`: waits for its turn. `running`: from PROVISIONING on. */
  readonly state: "queued" | "running" | "complete";
  /** When the wait in the queue, or the run, takes too long. */
  readonly deadline: Millis;
  /** StopBuild was called while it ran. */
  readonly stopRequested: boolean;
  /** What it was started with: RetryBuild starts it so again. */
  readonly request: StartBuildInput;
}

export interface StoredReportGroup {
  readonly group: ReportGroup & { readonly arn: string; readonly name: string };
}

export interface StoredCase {
  readonly testCase: TestCase;
}

/** @see https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html */
export const limits = {
  timeoutMinutes: { least: 5, most: 2160, default: 60 },
  queuedTimeoutMinutes: { least: 5, most: 480, default: 480 },
  namesPerCall: 100,
} as const;

type Timed = Pick<Build, "phases">;

/** Ends the phase that runs, if one does, and begins another. */
export function enterPhase<B extends Timed>(build: B, phase: PhaseType, now: Millis): B & { currentPhase: string } {
  const begun: BuildPhase = { phaseType: phase, startTime: new Date(now) };
  return {
    ...build,
    currentPhase: phase,
    phases: [...(build.phases ?? []), phase === "COMPLETED" ? { phaseType: phase, startTime: new Date(now) } : begun],
  };
}

/** Ends the phase that runs. */
export function endPhase<B extends Timed>(
  build: B,
  status: EndStatus,
  now: Millis,
  context: PhaseContext | undefined,
): B {
  const phases = [...(build.phases ?? [])];
  const last = phases.at(-1);
  if (last?.startTime === undefined) return build;
  phases[phases.length - 1] = {
    ...last,
    phaseStatus: status,
    endTime: new Date(now),
    durationInSeconds: Math.round((now - last.startTime.getTime()) / 1000),
    contexts: [context ?? { statusCode: "", message: "" }],
  };
  return { ...build, phases };
}

/** How a build did, by the phases that have ended. */
export function statusOf(build: Timed): EndStatus {
  const ended = (build.phases ?? []).flatMap(({ phaseStatus }) =>
    phaseStatus === undefined ? [] : [phaseStatus as EndStatus],
  );
  return buildStatus(ended);
}

/** The phase that a build is in. */
export function currentPhaseOf(build: Pick<Build, "currentPhase">): PhaseType {
  return phaseTypes.find((phase) => phase === build.currentPhase) ?? "COMPLETED";
}

/** `123e4567-…` of the build's id `project:123e4567-…`, which also names its log stream. */
export function uuidOf(buildId: string): string {
  return buildId.slice(buildId.lastIndexOf(":") + 1);
}

/** A build's id, of its id or its ARN. */
export function buildIdOf(idOrArn: string): string {
  return /^arn:[^:]+:codebuild:[^:]*:\d{12}:build\/(?<id>.+)$/.exec(idOrArn)?.groups?.["id"] ?? idOrArn;
}

/** A project's name, of its name or its ARN. */
export function projectNameOf(nameOrArn: string): string {
  return /^arn:[^:]+:codebuild:[^:]*:\d{12}:project\/(?<name>.+)$/.exec(nameOrArn)?.groups?.["name"] ?? nameOrArn;
}
