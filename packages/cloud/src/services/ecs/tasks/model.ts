import type { TaskOverride, TaskStopCode } from "@aws-sdk/client-ecs";
import type { Millis } from "@trysail/core";
import type { Tags } from "../../../kernel/tags.ts";

export type TaskState =
  /** Waits for its address. */
  | { readonly status: "PROVISIONING" }
  /** Its containers are being started. */
  | { readonly status: "PENDING" }
  /** Its containers run; it is being registered with its target groups. */
  | { readonly status: "ACTIVATING" }
  | { readonly status: "RUNNING" }
  /** Is taken out of its target groups, and finishes the requests that it has. */
  | { readonly status: "DEACTIVATING" }
  /** Its containers have been asked to end. */
  | { readonly status: "STOPPING" }
  /** Its address and what is left of its containers are given back. */
  | { readonly status: "DEPROVISIONING" }
  | { readonly status: "STOPPED"; readonly stoppedAt: Millis };

export type ContainerHealth = "HEALTHY" | "UNHEALTHY" | "UNKNOWN";

export type ContainerState =
  | { readonly status: "PENDING" }
  | { readonly status: "RUNNING"; readonly startedAt: Millis; readonly health: ContainerHealth }
  | {
      readonly status: "STOPPED";
      /** Undefined if it never ran, or nobody could tell. */
      readonly exitCode?: number;
      readonly reason?: string;
    };

export type TaskContainer = {
  readonly name: string;
  /** The last part of its ARN. */
  readonly id: string;
  readonly image: string;
} & ContainerState;

/** A target group that a service's tasks are registered with. */
export interface TaskTargetGroup {
  readonly targetGroupArn: string;
  readonly containerName: string;
  readonly containerPort: number;
}

/** A target as it was registered. */
export interface RegisteredTarget {
  readonly targetGroupArn: string;
  readonly id: string;
  readonly port: number;
}

/** Why a task is to stop, or has stopped. */
export interface StopCause {
  readonly code: TaskStopCode;
  readonly reason: string;
  readonly at: Millis;
}

export interface Task {
  readonly id: string;
  readonly cluster: string;
  readonly family: string;
  readonly revision: number;
  /** `service:web`, `family:job`, or what the caller named. */
  readonly group: string;
  readonly startedBy: string | undefined;
  /** Set if a service started it. */
  readonly service:
    | { readonly name: string; readonly deployment: string; readonly targetGroups: readonly TaskTargetGroup[] }
    | undefined;
  readonly launchType: "FARGATE" | "EC2" | undefined;
  readonly capacityProvider: string | undefined;
  readonly overrides: TaskOverride;
  readonly enableExecuteCommand: boolean;
  readonly tags: Tags;
  readonly cpu: string | undefined;
  readonly memory: string | undefined;
  readonly zone: string;
  /** Where its network interface is, for network mode awsvpc. */
  readonly network:
    | { readonly attachmentId: string; readonly interfaceId: string; readonly subnet: string }
    | undefined;
  /** What its metadata and credentials are asked by: nobody else can guess it. */
  readonly secretId: string;
  readonly createdAt: Millis;
  readonly desiredStatus: "RUNNING" | "STOPPED";
  readonly state: TaskState;
  readonly containers: readonly TaskContainer[];
  readonly address: string | undefined;
  readonly registered: readonly RegisteredTarget[];
  readonly startedAt: Millis | undefined;
  readonly stop: StopCause | undefined;
  /** Whether its service has taken note of its failure. */
  readonly noted?: boolean;
  /** Until when its service leaves it alone. */
  readonly protectedUntil: Millis | undefined;
  /** Counts changes, as events tell. */
  readonly version: number;
}

/** The id of a container where it runs, as it is asked for its metadata. */
export function runtimeId({ id }: Task, container: TaskContainer): string {
  return `${id}-${container.id.replaceAll("-", "").slice(0, 10)}`;
}

/** The task's health: that of its essential containers which are checked. */
export function taskHealth(task: Task, isChecked: (container: string) => boolean): ContainerHealth {
  const healths = task.containers
    .filter(({ name }) => isChecked(name))
    .map((container) => (container.status === "RUNNING" ? container.health : "UNKNOWN"));
  if (healths.includes("UNHEALTHY")) return "UNHEALTHY";
  return healths.length > 0 && healths.every((health) => health === "HEALTHY") ? "HEALTHY" : "UNKNOWN";
}

/** How long a stopped task is told of. @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html */
export const stoppedTaskKeptMs = 3_600_000;
