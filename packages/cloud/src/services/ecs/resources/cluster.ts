import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import type { Sdk } from "../sdk.ts";
import { picked, tagMembers, toMembers } from "./members.ts";
import { retag } from "./retag.ts";

type Members = Pick<
  Input<Sdk, "createCluster">,
  "configuration" | "capacityProviders" | "defaultCapacityProviderStrategy" | "serviceConnectDefaults" | "settings"
>;

function membersOf(properties: Properties): Members {
  const { ClusterSettings: settings } = properties;
  const same = picked(properties, [
    "CapacityProviders",
    "Configuration",
    "DefaultCapacityProviderStrategy",
    "ServiceConnectDefaults",
  ]);
  return toMembers({ ...same, ...(settings !== undefined && { Settings: settings }) }) as Members;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-cluster.html */
export const cluster: ResourceType = {
  properties: [
    "CapacityProviders",
    "ClusterName",
    "ClusterSettings",
    "Configuration",
    "DefaultCapacityProviderStrategy",
    "ServiceConnectDefaults",
    "Tags",
  ],
  replacedBy: ["ClusterName"],

  async create(ctx, properties, request) {
    const { ClusterName: given, Tags: tags } = properties;
    const clusterName = typeof given === "string" ? given : request.generatedName();
    const { clusters: [existing] = [] } = await ctx.call.ecs.describeClusters({
      clusters: [clusterName],
      include: ["TAGS"],
    });
    const own = (existing?.tags ?? []).map(({ key, value }) => ({ Key: key, Value: value }));
    if (existing?.status === "ACTIVE" && !isMadeFor(request, own))
      return {
        status: "failed",
        reason: `Resource of type 'AWS::ECS::Cluster' with identifier '${clusterName}' already exists.`,
      };
    const { cluster: made } = await ctx.call.ecs.createCluster({
      ...membersOf(properties),
      clusterName,
      tags: tagMembers(request.tags, tags),
    });
    return { status: "done", id: clusterName, attributes: { Arn: made?.clusterArn ?? "" } };
  },

  async update(ctx, id, properties, previous, request) {
    const { settings, configuration, capacityProviders, defaultCapacityProviderStrategy, serviceConnectDefaults } =
      membersOf(properties);
    const { cluster: updated } = await ctx.call.ecs.updateCluster({
      cluster: id,
      settings: settings ?? [{ name: "containerInsights", value: "disabled" }],
      configuration,
      serviceConnectDefaults,
    });
    if (capacityProviders !== undefined || previous["CapacityProviders"] !== undefined)
      await ctx.call.ecs.putClusterCapacityProviders({
        cluster: id,
        capacityProviders: capacityProviders ?? [],
        defaultCapacityProviderStrategy: defaultCapacityProviderStrategy ?? [],
      });
    const arn = updated?.clusterArn ?? "";
    await retag(ctx, arn, request.tags, properties, previous);
    return { status: "done", id, attributes: { Arn: arn } };
  },

  async remove(ctx, id) {
    try {
      await ctx.call.ecs.deleteCluster({ cluster: id });
    } catch (error) {
      // Tasks of a service that was deleted just now are still stopping.
      if (isAwsError(error, "ClusterContainsTasksException")) return { status: "waiting", until: ctx.now + 1000 };
      if (!isAwsError(error, "ClusterNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-clustercapacityproviderassociations.html */
export const capacityProviderAssociations: ResourceType = {
  properties: ["CapacityProviders", "Cluster", "DefaultCapacityProviderStrategy"],
  required: ["CapacityProviders", "Cluster", "DefaultCapacityProviderStrategy"],
  replacedBy: ["Cluster"],

  async create(ctx, properties) {
    const input = toMembers(properties) as Input<Sdk, "putClusterCapacityProviders">;
    await ctx.call.ecs.putClusterCapacityProviders(input);
    return { status: "done", id: input.cluster, attributes: {} };
  },

  async update(ctx, id, properties) {
    await ctx.call.ecs.putClusterCapacityProviders({
      ...(toMembers(properties) as Input<Sdk, "putClusterCapacityProviders">),
      cluster: id,
    });
    return { status: "done", id, attributes: {} };
  },

  async remove(ctx, id) {
    try {
      await ctx.call.ecs.putClusterCapacityProviders({
        cluster: id,
        capacityProviders: [],
        defaultCapacityProviderStrategy: [],
      });
    } catch (error) {
      if (!isAwsError(error, "ClusterNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
