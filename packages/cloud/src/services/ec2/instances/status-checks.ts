import type { Workload } from "../../../runtime/workloads.ts";

/** Which of its status checks a running instance passes. */
export interface StatusChecks {
  /** Trysail's runtime knows the instance. */
  readonly system: boolean;
  /** Its process runs. What its application does is not looked at, as on AWS. */
  readonly instance: boolean;
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html */
export function statusChecks(workload: Pick<Workload, "state"> | undefined): StatusChecks {
  return { system: workload !== undefined, instance: workload?.state === "running" };
}
