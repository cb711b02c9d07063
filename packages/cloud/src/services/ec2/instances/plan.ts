import type { Millis } from "@trysail/core";
import type { Workload } from "../../../runtime/workloads.ts";
import type { InstanceRow } from "./model.ts";

/** The exit code of an instance's init that says that it wants to be started again. */
export const rebootExitCode = 75;

/** Terminated instances are told of for so long. @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html */
export const keptAfterTerminationMs = 3_600_000;

/** What is to be done next for an instance. */
export type Step =
  /** Start its workload. `again`: it did run, and neither it nor its user ended it. */
  | { readonly do: "boot"; readonly again: boolean }
  | { readonly do: "tell-running" }
  /** It runs as it should: see that its metadata service answers. */
  | { readonly do: "attend" }
  | { readonly do: "reboot" }
  /** Its operating system has ended: it stops, or terminates, as it was told to behave. */
  | { readonly do: "shut-down"; readonly endedRun: Millis }
  | { readonly do: "end" }
  /** Free what a terminated instance still holds, and forget it at that time. */
  | { readonly do: "clear"; readonly forgetAt: Millis }
  | { readonly do: "forget" }
  | { readonly do: "nothing" };

/**
 * Decides what is to be done, from what is wanted and what runs.
 *
 * @param workload - undefined if nothing of it runs or has run since Trysail was last stopped in order
 */
export function plan(
  row: Pick<InstanceRow, "state" | "since" | "endedRun" | "rebootRequested">,
  workload: Workload | undefined,
  now: Millis,
): Step {
  const hasEnded = workload?.state === "ended" && workload.startedAt !== row.endedRun;
  const wantsReboot = workload?.state === "ended" && workload.exit.code === rebootExitCode;
  switch (row.state) {
    case "pending":
      if (workload?.state === "running") return { do: "tell-running" };
      if (hasEnded && !wantsReboot) return { do: "shut-down", endedRun: workload.startedAt };
      return { do: "boot", again: false };
    case "running":
      if (workload === undefined) return { do: "boot", again: true };
      if (hasEnded && wantsReboot) return { do: "boot", again: false };
      if (hasEnded) return { do: "shut-down", endedRun: workload.startedAt };
      if (workload.state === "ended") return { do: "boot", again: false };
      return row.rebootRequested ? { do: "reboot" } : { do: "attend" };
    case "stopping":
    case "shutting-down":
      return { do: "end" };
    case "stopped":
      return { do: "nothing" };
    case "terminated": {
      const forgetAt = row.since + keptAfterTerminationMs;
      return now < forgetAt ? { do: "clear", forgetAt } : { do: "forget" };
    }
  }
}
