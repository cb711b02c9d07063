import type { OnFailure } from "./buildspec/types.ts";

/** A build's phases, in the order of a build that succeeds. */
export const phaseTypes = [
  "SUBMITTED",
  "QUEUED",
  "PROVISIONING",
  "DOWNLOAD_SOURCE",
  "INSTALL",
  "PRE_BUILD",
  "BUILD",
  "POST_BUILD",
  "UPLOAD_ARTIFACTS",
  "FINALIZING",
  "COMPLETED",
] as const;

export type PhaseType = (typeof phaseTypes)[number];

/** How a phase, and a build, may end. */
export type EndStatus = "SUCCEEDED" | "FAILED" | "FAULT" | "TIMED_OUT" | "STOPPED";

/**
 * The phase that follows one that has ended.
 *
 * A failed BUILD is followed by POST_BUILD, and that by UPLOAD_ARTIFACTS, so that what a failed build has made can be
 * looked at; whatever else fails ends the build. A build that is stopped, times out or meets a fault ends at once.
 *
 * @param onFailure - what the buildspec says of the phase
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
 */
export function nextPhase(phase: PhaseType, status: EndStatus, onFailure: OnFailure["action"] = "default"): PhaseType {
  switch (status) {
    case "SUCCEEDED":
      return phaseTypes[phaseTypes.indexOf(phase) + 1] ?? "COMPLETED";
    case "FAILED":
      return afterFailure(phase, onFailure);
    case "FAULT":
    case "TIMED_OUT":
    case "STOPPED":
      return "COMPLETED";
  }
}

function afterFailure(phase: PhaseType, onFailure: OnFailure["action"]): PhaseType {
  switch (phase) {
    case "SUBMITTED":
    case "QUEUED":
    case "PROVISIONING":
    case "FINALIZING":
    case "COMPLETED":
      return "COMPLETED";
    case "DOWNLOAD_SOURCE":
    case "UPLOAD_ARTIFACTS":
      return "FINALIZING";
    case "INSTALL":
    case "PRE_BUILD":
      return onFailure === "continue" ? nextPhase(phase, "SUCCEEDED") : "FINALIZING";
    case "BUILD":
    case "POST_BUILD":
      return onFailure === "abort" || onFailure === "retry" ? "FINALIZING" : nextPhase(phase, "SUCCEEDED");
  }
}

/** How the whole build ended, by how its phases did: the first that did not succeed says it. */
export function buildStatus(statuses: readonly EndStatus[]): EndStatus {
  return statuses.find((status) => status !== "SUCCEEDED") ?? "SUCCEEDED";
}
