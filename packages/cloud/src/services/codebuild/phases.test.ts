import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildStatus, nextPhase, phaseTypes } from "./phases.ts";
import type { EndStatus, PhaseType } from "./phases.ts";

/** Goes through a build in which these phases fail. */
function walk(failures: Partial<Record<PhaseType, "default" | "abort" | "continue">>) {
  const walked: PhaseType[] = [];
  for (let phase: PhaseType = "INSTALL"; phase !== "COMPLETED";) {
    walked.push(phase);
    const onFailure = failures[phase];
    phase = nextPhase(phase, onFailure === undefined ? "SUCCEEDED" : "FAILED", onFailure);
  }
  return walked.join(" ");
}

describe("the phases of a build", () => {
  it.each([
    [{}, "INSTALL PRE_BUILD BUILD POST_BUILD UPLOAD_ARTIFACTS FINALIZING"],
    [{ INSTALL: "default" }, "INSTALL FINALIZING"],
    [{ PRE_BUILD: "default" }, "INSTALL PRE_BUILD FINALIZING"],
    [{ PRE_BUILD: "continue" }, "INSTALL PRE_BUILD BUILD POST_BUILD UPLOAD_ARTIFACTS FINALIZING"],
    [{ BUILD: "default" }, "INSTALL PRE_BUILD BUILD POST_BUILD UPLOAD_ARTIFACTS FINALIZING"],
    [{ BUILD: "abort" }, "INSTALL PRE_BUILD BUILD FINALIZING"],
    [{ POST_BUILD: "default" }, "INSTALL PRE_BUILD BUILD POST_BUILD UPLOAD_ARTIFACTS FINALIZING"],
    [{ UPLOAD_ARTIFACTS: "default" }, "INSTALL PRE_BUILD BUILD POST_BUILD UPLOAD_ARTIFACTS FINALIZING"],
  ] as const)("follow each other after failures %j", (failures, expected) => {
    expect(walk(failures)).toBe(expected);
  });

  it("only ever go forward, to the end", () => {
    const status = fc.constantFrom<EndStatus>("SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "STOPPED");
    const onFailure = fc.constantFrom("default" as const, "abort" as const, "continue" as const, "retry" as const);
    fc.assert(
      fc.property(fc.constantFrom(...phaseTypes.slice(0, -1)), status, onFailure, (phase, ended, action) => {
        expect(phaseTypes.indexOf(nextPhase(phase, ended, action))).toBeGreaterThan(phaseTypes.indexOf(phase));
      }),
    );
  });

  it("give the build the status of the first that did not succeed", () => {
    expect(buildStatus(["SUCCEEDED", "FAILED", "SUCCEEDED", "STOPPED"])).toBe("FAILED");
    expect(buildStatus(["SUCCEEDED"])).toBe("SUCCEEDED");
  });
});
