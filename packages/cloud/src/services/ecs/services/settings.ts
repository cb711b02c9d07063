import type { DeploymentConfiguration, LoadBalancer } from "@aws-sdk/client-ecs";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { errors } from "../errors.ts";
import type { StoredTaskDefinition } from "../model.ts";

const invalid = errors.InvalidParameterException;

/** What a request may say of how a service is deployed and reached, and Trysail does not do. */
export function refuseOthers(input: {
  readonly serviceRegistries?: readonly unknown[] | undefined;
  readonly serviceConnectConfiguration?: { readonly enabled?: boolean | undefined } | undefined;
  readonly volumeConfigurations?: readonly unknown[] | undefined;
  readonly vpcLatticeConfigurations?: readonly unknown[] | undefined;
  readonly gatewayConnectors?: readonly unknown[] | undefined;
  readonly monitoring?: object | undefined;
  readonly deploymentController?: { readonly type?: string | undefined } | undefined;
  readonly schedulingStrategy?: string | undefined;
}): void {
  if ((input.serviceRegistries ?? []).length > 0)
    throw invalid("Trysail has no service discovery: leave out serviceRegistries.");
  if (input.serviceConnectConfiguration?.enabled === true)
    throw invalid("Trysail has no Service Connect: leave out serviceConnectConfiguration.");
  if ((input.volumeConfigurations ?? []).length > 0)
    throw invalid("Trysail mounts no volumes: leave out volumeConfigurations.");
  if ((input.vpcLatticeConfigurations ?? []).length > 0)
    throw invalid("Trysail has no VPC Lattice: leave out vpcLatticeConfigurations.");
  if ((input.gatewayConnectors ?? []).length > 0)
    throw invalid("Trysail has no gateways of ECS: leave out gatewayConnectors.");
  if (input.monitoring !== undefined) throw invalid("Trysail keeps no metrics of services: leave out monitoring.");
  const { type = "ECS" } = input.deploymentController ?? {};
  if (type !== "ECS")
    throw errors.UnsupportedFeatureException(
      `Trysail deploys services by rolling updates: deployment controller ${type} is not supported.`,
    );
  const { schedulingStrategy = "REPLICA" } = input;
  if (schedulingStrategy !== "REPLICA")
    throw invalid(
      `Trysail has no container instances to run one task on each: scheduling strategy ${schedulingStrategy} is not supported.`,
    );
}

/**
 * A deployment configuration, completed with AWS's defaults or what there was before.
 *
 * @throws AwsError `InvalidParameterException`
 */
export function deploymentConfiguration(
  given: DeploymentConfiguration | undefined,
  before: DeploymentConfiguration = {
    maximumPercent: 200,
    minimumHealthyPercent: 100,
    strategy: "ROLLING",
    bakeTimeInMinutes: 0,
  },
): DeploymentConfiguration {
  const all = {
    ...before,
    ...Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)),
  };
  const { strategy = "ROLLING", minimumHealthyPercent: least = 100, maximumPercent: most = 200 } = all;
  if (strategy !== "ROLLING")
    throw errors.UnsupportedFeatureException(
      `Trysail deploys services by rolling updates: strategy ${strategy} is not supported.`,
    );
  if ((all.lifecycleHooks ?? []).length > 0)
    throw errors.UnsupportedFeatureException(
      "Trysail calls no lifecycle hooks in deployments: leave out lifecycleHooks.",
    );
  if (
    (all.bakeTimeInMinutes ?? 0) > 0 ||
    all.linearConfiguration !== undefined ||
    all.canaryConfiguration !== undefined
  )
    throw errors.UnsupportedFeatureException("Trysail deploys services by rolling updates, which need no bake time.");
  if (all.earlySuccessCriteria?.enable === true)
    throw errors.UnsupportedFeatureException(
      "Trysail ends a deployment when all of its tasks are healthy: leave out earlySuccessCriteria.",
    );
  if (all.alarms?.enable === true && (all.alarms.alarmNames ?? []).length === 0)
    throw invalid("At least one alarm name is required when deployment alarms are enabled.");
  if (least < 0 || most < 0) throw invalid("minimumHealthyPercent and maximumPercent must not be negative.");
  if (least > 100) throw invalid("minimumHealthyPercent must be at most 100.");
  if (most < 100 || most > 200_000) throw invalid("maximumPercent must be at least 100.");
  if (least === 100 && most === 100)
    throw invalid("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.");
  return all;
}

/** @throws AwsError `InvalidParameterException` where a load balancer does not fit the task definition, or is not there */
export async function checkLoadBalancers(
  ctx: Context,
  balancers: readonly LoadBalancer[],
  { containerDefinitions, networkMode }: StoredTaskDefinition["definition"],
): Promise<void> {
  if (balancers.length > 5) throw invalid("A service can have at most 5 load balancers.");
  for (const balancer of balancers) {
    const { containerName, containerPort, targetGroupArn } = balancer;
    if (balancer.loadBalancerName !== undefined)
      throw invalid("Trysail has no Classic Load Balancers: give targetGroupArn in place of loadBalancerName.");
    if (balancer.advancedConfiguration !== undefined)
      throw invalid("Trysail deploys services by rolling updates: leave out advancedConfiguration.");
    if (targetGroupArn === undefined) throw invalid("targetGroupArn cannot be null.");
    const container = containerDefinitions.find(({ name }) => name === containerName);
    if (container === undefined) throw invalid(`The container ${containerName} does not exist in the task definition.`);
    if (!(container.portMappings ?? []).some((mapping) => mapping.containerPort === containerPort))
      throw invalid(`The container ${containerName} did not have a container port ${containerPort} defined.`);
    await checkTargetGroup(ctx, targetGroupArn, networkMode ?? "bridge");
  }
}

async function checkTargetGroup(ctx: Context, arn: string, networkMode: string): Promise<void> {
  let found;
  try {
    const { TargetGroups: groups = [] } = await ctx.call.elasticloadbalancing.describeTargetGroups({
      TargetGroupArns: [arn],
    });
    [found] = groups;
  } catch (error) {
    if (!isAwsError(error, "TargetGroupNotFound", "TargetGroupNotFoundException", "ValidationError")) throw error;
  }
  if (found === undefined) throw invalid(`The specified target group '${arn}' does not exist.`);
  if (found.TargetType !== "ip")
    throw invalid(
      networkMode === "awsvpc"
        ? `The provided target group ${arn} has target type ${found.TargetType}, which is incompatible with the awsvpc network mode specified in the task definition.`
        : `Trysail places tasks on this machine, each with an address of its own: give the target group ${arn} the target type ip.`,
    );
  if ((found.LoadBalancerArns ?? []).length === 0)
    throw invalid(`The target group with targetGroupArn ${arn} does not have an associated load balancer.`);
}
