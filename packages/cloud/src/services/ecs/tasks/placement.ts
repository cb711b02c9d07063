import type { CapacityProviderStrategyItem, NetworkConfiguration } from "@aws-sdk/client-ecs";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { errors } from "../errors.ts";
import { fargateProviders } from "../model.ts";
import type { Cluster, StoredTaskDefinition } from "../model.ts";

/** Where a task can be placed: a zone, and there a subnet, for network mode awsvpc. */
export interface Place {
  readonly zone: string;
  readonly subnet: string | undefined;
}

/** The next place: of those where the fewest tasks are, the first. */
export function leastUsed(places: readonly Place[], used: readonly string[]): Place {
  const count = (place: Place) => used.filter((zone) => zone === place.zone).length;
  const [first, ...rest] = places;
  if (first === undefined) throw new Error("a task has no place to be put");
  return rest.reduce((best, place) => (count(place) < count(best) ? place : best), first);
}

/**
 * The places that a network configuration names.
 *
 * @throws AwsError `InvalidParameterException` where it does not fit the task definition, or names what is not there
 */
export async function placesOf(
  ctx: Context,
  { networkMode }: StoredTaskDefinition["definition"],
  network: NetworkConfiguration | undefined,
): Promise<readonly Place[]> {
  const vpc = network?.awsvpcConfiguration;
  if (networkMode !== "awsvpc") {
    if (vpc !== undefined)
      throw errors.InvalidParameterException(
        "Network Configuration is not valid for the given networkMode of this task definition.",
      );
    return ["a", "b", "c"].map((letter) => ({ zone: `${ctx.region}${letter}`, subnet: undefined }));
  }
  if (vpc === undefined)
    throw errors.InvalidParameterException(
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    );
  const subnets = vpc.subnets ?? [];
  if (subnets.length === 0) throw errors.InvalidParameterException("subnets can not be empty.");
  if (subnets.length > 16) throw errors.InvalidParameterException("The number of subnets must be at most 16.");
  try {
    const [{ Subnets: found = [] }] = await Promise.all([
      ctx.call.ec2.describeSubnets({ SubnetIds: subnets }),
      (vpc.securityGroups ?? []).length === 0
        ? undefined
        : ctx.call.ec2.describeSecurityGroups({ GroupIds: vpc.securityGroups }),
    ]);
    return subnets.map((subnet) => ({
      subnet,
      zone: found.find(({ SubnetId: id }) => id === subnet)?.AvailabilityZone ?? "",
    }));
  } catch (error) {
    if (
      isAwsError(
        error,
        "InvalidSubnetID.NotFound",
        "InvalidGroup.NotFound",
        "InvalidGroupId.Malformed",
        "InvalidSubnetID.Malformed",
      )
    )
      throw errors.InvalidParameterException(error.message);
    throw error;
  }
}

/** How tasks are launched. */
export interface Launch {
  readonly launchType: "FARGATE" | "EC2" | undefined;
  readonly strategy: readonly CapacityProviderStrategyItem[];
}

/**
 * The launch type or the capacity providers that a request asks for, or else its cluster's.
 *
 * @throws AwsError `InvalidParameterException`
 */
export function launchOf(
  cluster: Cluster,
  { compatibilities = [] }: StoredTaskDefinition["definition"],
  asked: {
    readonly launchType?: string | undefined;
    readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[] | undefined;
    readonly platformVersion?: string | undefined;
  },
): Launch {
  const given = asked.capacityProviderStrategy ?? [];
  if (asked.launchType !== undefined && given.length > 0)
    throw errors.InvalidParameterException(
      "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    );
  const strategy = asked.launchType === undefined && given.length === 0 ? cluster.defaultStrategy : given;
  checkStrategy(strategy, cluster.capacityProviders);
  const launchType = strategy.length > 0 ? undefined : (asked.launchType ?? "EC2");
  if (launchType !== undefined && launchType !== "EC2" && launchType !== "FARGATE")
    throw errors.InvalidParameterException(
      `Trysail places tasks on this machine: launch type ${launchType} is not there.`,
    );
  const needed = strategy.length > 0 || launchType === "FARGATE" ? "FARGATE" : "EC2";
  if (!compatibilities.includes(needed))
    throw errors.InvalidParameterException(`Task definition does not support launch_type ${needed}.`);
  const { platformVersion: version = "LATEST" } = asked;
  if (asked.platformVersion !== undefined && needed === "EC2")
    throw errors.InvalidParameterException("The platform version must be null when specifying an EC2 launch type.");
  if (!["LATEST", "1.4.0", "1.3.0"].includes(version))
    throw errors.PlatformUnknownException("The specified platform does not exist.");
  return { launchType, strategy };
}

/** @throws AwsError `InvalidParameterException` */
export function checkStrategy(
  strategy: readonly CapacityProviderStrategyItem[],
  providers: readonly string[] = fargateProviders,
): void {
  for (const { capacityProvider = "" } of strategy) {
    if (!providers.includes(capacityProvider))
      throw errors.InvalidParameterException(
        `The specified capacity provider '${capacityProvider}' was not found. Specify a valid capacity provider and try again.`,
      );
  }
  if (strategy.length > 0 && strategy.every(({ weight = 1 }) => weight === 0))
    throw errors.InvalidParameterException(
      "The specified capacity provider strategy cannot contain a capacity provider with only a weight of 0.",
    );
  if (strategy.filter(({ base = 0 }) => base > 0).length > 1)
    throw errors.InvalidParameterException(
      "The specified capacity provider strategy cannot contain more than one capacity provider with a base.",
    );
}

/** The provider of the next task: first the base, then whichever is furthest behind its weight. */
export function nextProvider(
  strategy: readonly CapacityProviderStrategyItem[],
  running: readonly (string | undefined)[],
): string | undefined {
  const count = (provider: string | undefined) => running.filter((one) => one === provider).length;
  const wanting = strategy.find(({ capacityProvider, base = 0 }) => count(capacityProvider) < base);
  if (wanting !== undefined) return wanting.capacityProvider;
  const [first, ...rest] = strategy.filter(({ weight = 1 }) => weight > 0);
  if (first === undefined) return undefined;
  const share = ({ capacityProvider, base = 0, weight = 1 }: CapacityProviderStrategyItem) =>
    (count(capacityProvider) - base) / weight;
  return rest.reduce((best, item) => (share(item) < share(best) ? item : best), first).capacityProvider;
}
