import type { InstanceRefreshStatus } from "@aws-sdk/client-auto-scaling";
import type { Millis } from "@trysail/core";
import type { LaunchSource } from "./group.ts";

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html */
export interface RefreshPreferences {
  readonly minHealthyPercent: number;
  readonly maxHealthyPercent: number;
  readonly warmupSeconds: number;
  readonly checkpoints: readonly number[];
  readonly checkpointDelaySeconds: number;
  readonly skipMatching: boolean;
  readonly autoRollback: boolean;
  readonly protectedInstances: "Refresh" | "Ignore" | "Wait";
  readonly standbyInstances: "Terminate" | "Ignore" | "Wait";
  readonly bakeSeconds: number;
}

/** A rolling replacement of a group's instances. */
export interface Refresh {
  readonly id: string;
  readonly group: string;
  readonly order: number;
  readonly status: InstanceRefreshStatus;
  readonly statusReason: string | undefined;
  readonly startedAt: Millis;
  readonly endedAt: Millis | undefined;
  readonly preferences: RefreshPreferences;
  /** What the group is to launch from; undefined where it stays as it is. */
  readonly desired: LaunchSource | undefined;
  /** What it launched from before: what a rollback goes back to. */
  readonly previous: LaunchSource;
  /** Ids of the instances that are to be replaced. Those that are gone have been. */
  readonly old: readonly string[];
  readonly total: number;
  readonly percentComplete: number;
  readonly toUpdate: number;
  /** Checkpoints that have been passed, and until when the last one holds. */
  readonly checkpointsPassed: number;
  readonly pausedUntil: Millis;
  /** When an instance was last replaced, or the refresh began: what makes no progress for an hour fails. */
  readonly progressAt: Millis;
  readonly bakesUntil: Millis | undefined;
  readonly rollback:
    | {
        readonly reason: string;
        readonly startedAt: Millis;
        readonly percentComplete: number;
        readonly toUpdate: number;
      }
    | undefined;
}

const goingOn: readonly InstanceRefreshStatus[] = [
  "Pending",
  "InProgress",
  "Cancelling",
  "RollbackInProgress",
  "Baking",
];

export function isGoingOn({ status }: Pick<Refresh, "status">): boolean {
  return goingOn.includes(status);
}

/** Whether it replaces instances now. */
export function isReplacing({ status }: Pick<Refresh, "status">): boolean {
  return status === "InProgress" || status === "RollbackInProgress";
}
