import type { Service } from "@aws-sdk/client-ecs";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Outcome, Properties, ResourceIdentity, ResourceType } from "../../../kernel/resource.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import { clusterInArn } from "../arns.ts";
import type { Sdk } from "../sdk.ts";
import { picked, tagMembers, toMembers } from "./members.ts";
import { retag } from "./retag.ts";

/** Beside when an event of ECS tells that a deployment has ended. */
const lookAgainMs = 10_000;

const updatable = [
  "AvailabilityZoneRebalancing",
  "CapacityProviderStrategy",
  "DeploymentConfiguration",
  "DeploymentController",
  "DesiredCount",
  "EnableECSManagedTags",
  "EnableExecuteCommand",
  "HealthCheckGracePeriodSeconds",
  "LoadBalancers",
  "NetworkConfiguration",
  "PlacementConstraints",
  "PlatformVersion",
  "PropagateTags",
  "ServiceConnectConfiguration",
  "ServiceRegistries",
  "TaskDefinition",
  "VolumeConfigurations",
  "VpcLatticeConfigurations",
] as const;
const settled = ["LaunchType", "Role", "SchedulingStrategy"] as const;

const breakerReason = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.";

async function look(ctx: Context, arn: string): Promise<Service | undefined> {
  try {
    const { services: [found] = [] } = await ctx.call.ecs.describeServices({
      cluster: clusterInArn(arn),
      services: [arn],
    });
    return found;
  } catch (error) {
    if (!isAwsError(error, "ClusterNotFoundException")) throw error;
    return undefined;
  }
}

/** Whether the service's primary deployment has come to its end. */
function outcomeOf(ctx: Context, service: Service | undefined): Outcome<ResourceIdentity> {
  const { serviceArn: id = "", serviceName: Name = "", status, deployments: [primary] = [] } = service ?? {};
  if (service === undefined || status === "INACTIVE") return { status: "failed", reason: "The service was deleted." };
  switch (primary?.rolloutState) {
    case "COMPLETED":
      return { status: "done", id, attributes: { ServiceArn: id, Name } };
    case "FAILED":
      return { status: "failed", reason: breakerReason };
    case "IN_PROGRESS":
    case undefined:
      return { status: "waiting", until: ctx.now + lookAgainMs };
  }
}

/** Whether a deployment of this task definition was begun after all others, and taken back. */
async function wasRolledBack(ctx: Context, arn: string, taskDefinition: unknown): Promise<boolean> {
  const { serviceDeployments: [latest] = [] } = await ctx.call.ecs.listServiceDeployments({
    service: arn,
    cluster: clusterInArn(arn),
  });
  if (latest?.status?.startsWith("ROLLBACK") !== true) return false;
  const { serviceRevisions: [revision] = [] } = await ctx.call.ecs.describeServiceRevisions({
    serviceRevisionArns: [latest.targetServiceRevisionArn ?? ""],
  });
  return revision?.taskDefinition === taskDefinition;
}

/**
 * A service, which is made and changed when its deployment has completed.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html
 */
export const service: ResourceType = {
  properties: [...updatable, ...settled, "Cluster", "ForceNewDeployment", "PlacementStrategies", "ServiceName", "Tags"],
  replacedBy: ["Cluster", "LaunchType", "PlacementStrategies", "Role", "SchedulingStrategy", "ServiceName"],

  wokenBy: ({ source, detailType, detail }) =>
    source === "aws.ecs" &&
    (detailType === "ECS Deployment State Change" ||
      (detailType === "ECS Task State Change" && detail["lastStatus"] === "STOPPED")),

  async create(ctx, properties, request) {
    const { ServiceName: given, Cluster: cluster, PlacementStrategies: placementStrategy, Tags: tags } = properties;
    const { service: made } = await ctx.call.ecs.createService({
      ...(toMembers(picked(properties, [...updatable, ...settled])) as Omit<
        Input<Sdk, "createService">,
        "serviceName"
      >),
      ...(placementStrategy !== undefined && {
        placementStrategy: toMembers(placementStrategy) as Input<Sdk, "createService">["placementStrategy"],
      }),
      desiredCount: Number(properties["DesiredCount"] ?? 1),
      cluster: cluster as string | undefined,
      serviceName: typeof given === "string" ? given : request.generatedName(),
      clientToken: request.token,
      tags: tagMembers(request.tags, tags),
    });
    request.made(made?.serviceArn ?? "");
    return outcomeOf(ctx, made);
  },

  async update(ctx, id, properties, previous, request) {
    // A deployment that has failed is not begun again by looking at it again.
    if (await wasRolledBack(ctx, id, properties["TaskDefinition"])) {
      const now = outcomeOf(ctx, await look(ctx, id));
      return now.status === "waiting" ? now : { status: "failed", reason: breakerReason };
    }
    const force = properties["ForceNewDeployment"] as Properties | undefined;
    const isForced =
      force?.["EnableForceNewDeployment"] === true &&
      JSON.stringify(force) !== JSON.stringify(previous["ForceNewDeployment"]) &&
      !(await isUnderWay(ctx, id));
    await ctx.call.ecs.updateService({
      ...(toMembers(picked(properties, updatable)) as Omit<Input<Sdk, "updateService">, "service">),
      cluster: clusterInArn(id),
      service: id,
      ...(isForced && { forceNewDeployment: true }),
    });
    await retag(ctx, id, request.tags, properties, previous);
    return outcomeOf(ctx, await look(ctx, id));
  },

  async remove(ctx, id) {
    const found = await look(ctx, id);
    if (found === undefined || found.status === "INACTIVE") return { status: "done" };
    if (found.status === "ACTIVE")
      await ctx.call.ecs.deleteService({ cluster: clusterInArn(id), service: id, force: true });
    const after = await look(ctx, id);
    return after === undefined || after.status === "INACTIVE"
      ? { status: "done" }
      : { status: "waiting", until: ctx.now + lookAgainMs };
  },
};

async function isUnderWay(ctx: Context, id: string): Promise<boolean> {
  return (await look(ctx, id))?.deployments?.[0]?.rolloutState === "IN_PROGRESS";
}
