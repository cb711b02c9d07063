import type { Millis } from "@trysail/core";
import type { Place, TemplateRef } from "./group.ts";

/** @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html */
export type Lifecycle =
  | "Pending"
  | "Pending:Wait"
  | "Pending:Proceed"
  | "InService"
  | "EnteringStandby"
  | "Standby"
  | "Detaching"
  | "Terminating"
  | "Terminating:Wait"
  | "Terminating:Proceed";

/** EC2's names for how an instance is. */
export type Ec2State = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

/** What an instance was launched from, with the version that `$Latest` or `$Default` was then. */
export type LaunchedFrom =
  | { readonly kind: "template"; readonly template: TemplateRef }
  | { readonly kind: "configuration"; readonly name: string }
  /** It was attached. */
  | { readonly kind: "unknown" };

/** How often to ask after a target that leaves. */
export const lookEveryMs = 30_000;

/**
 * How an instance stands in a target group: as Elastic Load Balancing tells, or `skipped` where it was never registered
 * because AddToLoadBalancer was suspended, or because the target group would not have it.
 */
export type TargetState =
  | "initial"
  | "healthy"
  | "unhealthy"
  | "unhealthy.draining"
  | "draining"
  | "unavailable"
  | "unused"
  | "skipped";

/** A lifecycle hook that an instance waits for. */
export interface HookWait {
  readonly hook: string;
  readonly token: string;
  readonly heartbeatSeconds: number;
  readonly defaultResult: "CONTINUE" | "ABANDON";
  readonly deadline: Millis;
  /** Beyond which no heartbeat leads. */
  readonly lastDeadline: Millis;
}

/** Who has found an instance unhealthy. */
export type HealthVerdict = "ec2" | "elb" | "user";

/** An instance of a group. */
export interface GroupInstance extends Place {
  readonly id: string;
  readonly group: string;
  readonly type: string;
  readonly imageId: string | undefined;
  readonly from: LaunchedFrom;
  readonly lifecycle: Lifecycle;
  readonly ec2: Ec2State;
  readonly unhealthy: HealthVerdict | undefined;
  readonly protected: boolean;
  readonly launchedAt: Millis;
  /** When it last came into service. */
  readonly inServiceAt: Millis | undefined;
  /** The order of the activity that is in progress for it. */
  readonly activity: number | undefined;
  /** Hooks of the present transition that it waits for. */
  readonly waits: readonly HookWait[];
  /** By ARN: the target groups that it is in, until it has left them. */
  readonly targets: Readonly<Record<string, TargetState>>;
  /** Whether a target group has ever found it healthy. */
  readonly hasServed: boolean;
  /** When to ask after target groups that it leaves, if no event tells. */
  readonly lookAt: Millis;
  /** It was launched beyond the desired capacity, for the balance of the zones, and is not in service yet. */
  readonly balances: boolean;
  /** Whether it goes without draining and hooks: it never came into service, or its group is deleted by force. */
  readonly atOnce: boolean;
}

/** An instance that is being launched and has no id yet. Its id is its activity's: RunInstances' client token. */
export interface Launch extends Place {
  readonly id: string;
  readonly group: string;
  readonly activity: number;
  readonly balances: boolean;
}

/** Whether it counts towards the desired capacity. */
export function isActive({ lifecycle }: Pick<GroupInstance, "lifecycle">): boolean {
  return lifecycle === "InService" || lifecycle.startsWith("Pending");
}

export function isTerminating({ lifecycle }: Pick<GroupInstance, "lifecycle">): boolean {
  return lifecycle.startsWith("Terminating");
}

/** Whether EC2 does not run it any more. */
export function isDead({ ec2 }: Pick<GroupInstance, "ec2">): boolean {
  return ec2 !== "pending" && ec2 !== "running";
}
