import type { OnFailure, StackStatus } from "@aws-sdk/client-cloudformation";
import type { Operation, Phase } from "../model.ts";

/** The status of a stack while it is in a phase. */
export const statusIn: Readonly<Record<Phase, StackStatus>> = {
  create: "CREATE_IN_PROGRESS",
  "create-rollback": "ROLLBACK_IN_PROGRESS",
  update: "UPDATE_IN_PROGRESS",
  "update-cleanup": "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
  "update-rollback": "UPDATE_ROLLBACK_IN_PROGRESS",
  "rollback-cleanup": "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
  delete: "DELETE_IN_PROGRESS",
};

/** What comes after a phase: another one, or the end. */
export type Next = { readonly phase: Phase } | { readonly end: StackStatus };

/** Whether a failure keeps the rest of the phase from beginning. */
export function stopsOnFailure({ phase, onFailure }: Pick<Operation, "phase" | "onFailure">): boolean {
  // Who does not want a rollback wants as much as possible; and so does who puts things back, or away.
  return (phase === "create" || phase === "update") && onFailure !== "DO_NOTHING";
}

/**
 * What follows when nothing in a phase runs any more and nothing can begin.
 *
 * @param succeeded - every task is done, and nobody has cancelled it
 */
export function after(phase: Phase, succeeded: boolean, onFailure: OnFailure, deleting: boolean): Next {
  switch (phase) {
    case "create":
      if (deleting) return { phase: "delete" };
      if (succeeded) return { end: "CREATE_COMPLETE" };
      if (onFailure === "DO_NOTHING") return { end: "CREATE_FAILED" };
      return { phase: onFailure === "DELETE" ? "delete" : "create-rollback" };
    case "create-rollback":
      return { end: succeeded ? "ROLLBACK_COMPLETE" : "ROLLBACK_FAILED" };
    case "update":
      if (succeeded) return { phase: "update-cleanup" };
      return onFailure === "DO_NOTHING" ? { end: "UPDATE_FAILED" } : { phase: "update-rollback" };
    case "update-cleanup":
      // What could not be removed is told in its events; the update itself has succeeded.
      return { end: "UPDATE_COMPLETE" };
    case "update-rollback":
      return succeeded ? { phase: "rollback-cleanup" } : { end: "UPDATE_ROLLBACK_FAILED" };
    case "rollback-cleanup":
      return { end: "UPDATE_ROLLBACK_COMPLETE" };
    case "delete":
      return { end: succeeded ? "DELETE_COMPLETE" : "DELETE_FAILED" };
    default:
      return phase satisfies never;
  }
}

/** Statuses after which a stack is whole: nothing of what was before needs to be remembered. */
export const wholeStatuses: readonly StackStatus[] = [
  "CREATE_COMPLETE",
  "UPDATE_COMPLETE",
  "UPDATE_ROLLBACK_COMPLETE",
  "ROLLBACK_COMPLETE",
  "DELETE_COMPLETE",
];
