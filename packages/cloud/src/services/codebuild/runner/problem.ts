import type { EndStatus } from "../phases.ts";

/** Ends a phase: what its context tells. */
export class PhaseProblem extends Error {
  override readonly name = "PhaseProblem";
  /** CodeBuild's code, such as `CLIENT_ERROR`. */
  readonly statusCode: string;
  readonly status: Exclude<EndStatus, "SUCCEEDED">;

  /** @defaultValue `status` is "FAILED" */
  constructor(statusCode: string, message: string, status: Exclude<EndStatus, "SUCCEEDED"> = "FAILED") {
    super(message);
    this.statusCode = statusCode;
    this.status = status;
  }
}
