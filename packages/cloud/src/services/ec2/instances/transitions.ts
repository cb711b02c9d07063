import type { Millis } from "@trysail/core";
import { grace, stateReasons, userInitiated } from "./model.ts";
import type { InstanceRow, InstanceState } from "./model.ts";

// What happens to an instance, as pure functions. Each gives the row back as it is where it changes nothing.

const into = (row: InstanceRow, state: InstanceState, now: Millis): InstanceRow => ({ ...row, state, since: now });

export function terminate(row: InstanceRow, now: Millis, graceMs: Millis = grace.terminateMs): InstanceRow {
  if (row.state === "shutting-down" || row.state === "terminated") return row;
  return {
    ...into(row, "shutting-down", now),
    graceMs,
    stateReason: stateReasons.userInitiated,
    transitionReason: userInitiated(now),
  };
}

export function stop(row: InstanceRow, now: Millis, graceMs: Millis = grace.stopMs): InstanceRow {
  if (row.state !== "running") return row;
  return {
    ...into(row, "stopping", now),
    graceMs,
    stateReason: stateReasons.userInitiated,
    transitionReason: userInitiated(now),
  };
}

export function start(row: InstanceRow, now: Millis): InstanceRow {
  if (row.state !== "stopped") return row;
  return {
    ...into(row, "pending", now),
    launchedAt: now,
    stateReason: undefined,
    transitionReason: "",
    rebootRequested: false,
  };
}

/** The instance's own operating system has ended. */
export function shutDownByItself(row: InstanceRow, endedRun: Millis, now: Millis): InstanceRow {
  if (row.state !== "running" && row.state !== "pending") return row;
  return {
    ...into(row, row.shutdownBehavior === "terminate" ? "shutting-down" : "stopping", now),
    // Whatever it has left behind has had its time.
    graceMs: 0,
    endedRun,
    stateReason: stateReasons.instanceInitiated,
    transitionReason: "",
    rebootRequested: false,
  };
}

/** It could not be started. */
export function failToLaunch(row: InstanceRow, code: string, message: string, now: Millis): InstanceRow {
  return {
    ...into(row, "terminated", now),
    stateReason: { code, message: `${code}: ${message}` },
    transitionReason: code,
  };
}

/** Its workload runs. */
export function nowRunning(row: InstanceRow, now: Millis): InstanceRow {
  return row.state === "pending" ? into(row, "running", now) : row;
}

/** Nothing of it runs any more. @param endedRun - when the run that has ended began */
export function nowEnded(row: InstanceRow, endedRun: Millis | undefined, now: Millis): InstanceRow {
  const ended = { ...row, endedRun: endedRun ?? row.endedRun, rebootRequested: false };
  if (row.state === "stopping") return into(ended, "stopped", now);
  return row.state === "shutting-down" ? into(ended, "terminated", now) : row;
}
