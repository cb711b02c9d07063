import type {
  CapacityProviderStrategyItem,
  DeploymentConfiguration,
  LoadBalancer,
  NetworkConfiguration,
  PlacementConstraint,
  PlacementStrategy,
  ServiceDeploymentStatus,
} from "@aws-sdk/client-ecs";
import type { Millis } from "@trysail/core";
import type { Tags } from "../../../kernel/tags.ts";
import type { Place } from "../tasks/placement.ts";

/** What a deployment's tasks are started from. */
export interface RevisionConfig {
  readonly family: string;
  readonly revision: number;
  readonly launchType: "FARGATE" | "EC2" | undefined;
  readonly strategy: readonly CapacityProviderStrategyItem[];
  readonly platformVersion: string | undefined;
  readonly network: NetworkConfiguration | undefined;
  readonly loadBalancers: readonly LoadBalancer[];
  /** Where the network configuration lets tasks be, as it was found when it was given. */
  readonly places: readonly Place[];
}

/** A deployment of a service that has tasks, or is to have. The first in the service's list is the primary. */
export interface Deployment {
  /** `ecs-svc/…` */
  readonly id: string;
  readonly config: RevisionConfig;
  /** The ids of the service deployment and the service revision that tell of it. */
  readonly serviceDeployment: string;
  readonly serviceRevision: string;
  readonly createdAt: Millis;
  readonly updatedAt: Millis;
  readonly rollout: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  readonly reason: string;
  /** Tasks that failed in a row. */
  readonly failedTasks: number;
  readonly lastFailureAt: Millis;
  /** No task is started before, since those before have failed. */
  readonly nextStartAt: Millis;
  /** Whether its alarms can end it: those that were in alarm already when it began cannot tell anything of it. */
  readonly alarms?: "watched" | "ignored";
  /** Since when all of its tasks are in place, while its alarms are watched on. */
  readonly bakingSince?: Millis;
}

export interface Service {
  readonly cluster: string;
  readonly name: string;
  readonly status: "ACTIVE" | "DRAINING" | "INACTIVE";
  readonly createdAt: Millis;
  readonly createdBy: string;
  readonly desiredCount: number;
  readonly configuration: DeploymentConfiguration;
  readonly placementConstraints: readonly PlacementConstraint[];
  readonly placementStrategy: readonly PlacementStrategy[];
  readonly healthCheckGracePeriodSeconds: number;
  readonly role: string | undefined;
  readonly tags: Tags;
  readonly enableManagedTags: boolean;
  readonly propagateTags: "TASK_DEFINITION" | "SERVICE" | "NONE";
  readonly enableExecuteCommand: boolean;
  readonly rebalancing: "ENABLED" | "DISABLED";
  readonly deployments: readonly Deployment[];
  /** The deployment that was the last to complete: what a rollback goes back to. */
  readonly lastCompleted: Deployment | undefined;
  /** Whether its last event told of the steady state. */
  readonly steady: boolean;
  /** How many events it has had. */
  readonly events: number;
  readonly clientToken: string | undefined;
}

export interface ServiceEvent {
  readonly id: string;
  readonly createdAt: Millis;
  readonly message: string;
}

/** A revision of a service, which never changes. */
export interface ServiceRevision {
  readonly id: string;
  readonly createdAt: Millis;
  readonly config: RevisionConfig;
}

/** How a deployment of a service went. */
export interface ServiceDeployment {
  readonly id: string;
  readonly target: string;
  readonly sources: readonly string[];
  readonly createdAt: Millis;
  readonly startedAt: Millis;
  readonly updatedAt: Millis;
  readonly finishedAt: Millis | undefined;
  readonly stoppedAt: Millis | undefined;
  readonly status: ServiceDeploymentStatus;
  readonly reason: string | undefined;
  readonly configuration: DeploymentConfiguration;
  readonly rollback:
    | { readonly reason: string; readonly startedAt: Millis; readonly serviceRevision: string }
    | undefined;
  readonly failureCount: number;
}

/** Events of a service that are kept. @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages.html */
export const eventsKept = 100;
