import type {
  Build,
  PhaseContext,
  Project,
  ProjectArtifacts,
  Report,
  ReportGroup,
  SourceCredentialsInfo,
  StartBuildInput,
} from "@aws-sdk/client-codebuild";
import type { Millis } from "@trysail/core";
import { buildStatus } from "./phases.ts";
import type { EndStatus, PhaseType } from "./phases.ts";

/** A project as BatchGetProjects tells it. */
export interface StoredProject extends Project {
  readonly name: string;
  readonly arn: string;
  /** The number that its last build got. */
  readonly lastNumber: number;
}

/** A build, and what is needed to run it beside what BatchGetBuilds tells. */
export interface StoredBuild {
  readonly build: Build & { readonly id: string; readonly arn: string; readonly projectName: string };
  /** `queued`: waits for its turn. `running`: from PROVISIONING on. */
  readonly state: "queued" | "running" | "complete";
  /** When the wait in the queue, or the run, takes too long. */
  readonly deadline: Millis;
  /** Its files are on the disk, or may be. */
  readonly hasFolder: boolean;
  /** StopBuild was called while it ran. */
  readonly stopRequested: boolean;
  readonly artifacts: ProjectArtifacts;
  readonly secondaryArtifacts: readonly ProjectArtifacts[];
  /** What it was started with: RetryBuild starts it so again. */
  readonly request: StartBuildInput;
}

export interface StoredReportGroup extends ReportGroup {
  readonly arn: string;
  readonly name: string;
}

export interface StoredReport extends Report {
  readonly arn: string;
  readonly reportGroupArn: string;
  readonly created: Date;
  readonly expired: Date;
}

export interface StoredCredential extends SourceCredentialsInfo {
  readonly arn: string;
  readonly token: string;
  readonly username: string | undefined;
}

/** @see https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html */
export const limits = {
  timeoutMinutes: { least: 5, most: 2160, default: 60 },
  queuedTimeoutMinutes: { least: 5, most: 480, default: 480 },
  namesPerCall: 100,
  reportDays: 30,
} as const;

type Phased = Pick<Build, "phases">;

/** Begins a phase. */
export function enterPhase<B extends Phased>(build: B, phase: PhaseType, now: Millis): B {
  return {
    ...build,
    currentPhase: phase,
    phases: [...(build.phases ?? []), { phaseType: phase, startTime: new Date(now) }],
  };
}

/** Ends the phase that was begun last. */
export function endPhase<B extends Phased>(
  build: B,
  status: EndStatus,
  now: Millis,
  context: PhaseContext = { statusCode: "", message: "" },
): B {
  const phases = [...(build.phases ?? [])];
  const last = phases.at(-1);
  if (last?.startTime === undefined || last.endTime !== undefined) return build;
  phases[phases.length - 1] = {
    ...last,
    phaseStatus: status,
    endTime: new Date(now),
    durationInSeconds: Math.round((now - last.startTime.getTime()) / 1000),
    contexts: [context],
  };
  return { ...build, phases };
}

/** How a build did, by the phases that have ended. */
export function statusOf({ phases = [] }: Phased): EndStatus {
  return buildStatus(
    phases.flatMap(({ phaseStatus }) => (phaseStatus === undefined ? [] : [phaseStatus as EndStatus])),
  );
}

/** The last part of a build's id `project:123e4567-…`, which also names its log stream. */
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
