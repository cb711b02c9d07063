import { defineService } from "../../kernel/service.ts";
import * as accountSettings from "./operations/account-settings.ts";
import {
  createCluster,
  deleteCluster,
  describeCapacityProviders,
  describeClusters,
  listClusters,
  putClusterCapacityProviders,
  updateCluster,
  updateClusterSettings,
} from "./operations/clusters.ts";
import * as containerInstances from "./operations/container-instances.ts";
import * as serviceDeployments from "./operations/service-deployments.ts";
import { createService, deleteService, describeServices, listServices, updateService } from "./operations/services.ts";
import { runTask, startTask } from "./operations/run-task.ts";
import * as tags from "./operations/tags.ts";
import {
  deleteTaskDefinitions,
  deregisterTaskDefinition,
  describeTaskDefinition,
  listTaskDefinitionFamilies,
  listTaskDefinitions,
  registerTaskDefinition,
} from "./operations/task-definitions.ts";
import * as tasks from "./operations/tasks.ts";
import { capacityProviderAssociations, cluster } from "./resources/cluster.ts";
import { service } from "./resources/service.ts";
import { taskDefinition } from "./resources/task-definition.ts";
import type { Sdk } from "./sdk.ts";
import { alarmChanges } from "./services/alarms.ts";
import { scheduling, targetHealth } from "./services/scheduling.ts";
import { tables } from "./store.ts";
import { agent } from "./tasks/agent.ts";
import { checking } from "./tasks/checking.ts";
import { measuring } from "./tasks/measuring.ts";
import { running } from "./tasks/running.ts";
import { shipLogs } from "./tasks/ship-logs.ts";

export const ecs = defineService<Sdk>({
  id: "ecs",
  scope: "regional",
  tables,
  operations: {
    ...accountSettings,
    ...containerInstances,
    ...serviceDeployments,
    ...tags,
    ...tasks,
    createCluster,
    createService,
    deleteCluster,
    deleteService,
    deleteTaskDefinitions,
    deregisterTaskDefinition,
    describeCapacityProviders,
    describeClusters,
    describeServices,
    describeTaskDefinition,
    listClusters,
    listServices,
    listTaskDefinitionFamilies,
    listTaskDefinitions,
    putClusterCapacityProviders,
    registerTaskDefinition,
    runTask,
    startTask,
    updateCluster,
    updateClusterSettings,
    updateService,
  },
  controllers: [running, checking, measuring, shipLogs, scheduling],
  subscriptions: [alarmChanges, targetHealth],
  routes: [agent],
  resources: {
    "AWS::ECS::Cluster": cluster,
    "AWS::ECS::ClusterCapacityProviderAssociations": capacityProviderAssociations,
    "AWS::ECS::Service": service,
    "AWS::ECS::TaskDefinition": taskDefinition,
  },
});
