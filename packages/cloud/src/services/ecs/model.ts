import type {
  CapacityProviderStrategyItem,
  ClusterConfiguration,
  ClusterSetting,
  ContainerDefinition,
  TaskDefinition,
} from "@aws-sdk/client-ecs";
import type { Millis } from "@trysail/core";
import type { Tags } from "../../kernel/tags.ts";

export interface Cluster {
  readonly name: string;
  readonly createdAt: Millis;
  readonly status: "ACTIVE" | "INACTIVE";
  readonly settings: readonly ClusterSetting[];
  readonly configuration: ClusterConfiguration | undefined;
  readonly capacityProviders: readonly string[];
  readonly defaultStrategy: readonly CapacityProviderStrategyItem[];
  readonly tags: Tags;
}

/** A revision of a family, as it was registered and completed with AWS's defaults. */
export interface StoredTaskDefinition {
  readonly definition: TaskDefinition & {
    readonly taskDefinitionArn: string;
    readonly family: string;
    readonly revision: number;
    readonly status: "ACTIVE" | "INACTIVE" | "DELETE_IN_PROGRESS";
    readonly containerDefinitions: ContainerDefinition[];
  };
  readonly tags: Tags;
}

/** The capacity providers that every account has. */
export const fargateProviders = ["FARGATE", "FARGATE_SPOT"] as const;
