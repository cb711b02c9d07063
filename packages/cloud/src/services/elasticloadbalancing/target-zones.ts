import { isIPv4 } from "node:net";
import type { TargetDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Context } from "../../kernel/context.ts";
import { isAwsError } from "../../kernel/errors.ts";
import { errors } from "./errors.ts";
import type { TargetGroup } from "./model.ts";

/** Zones of targets, by id. */
type Zones = ReadonlyMap<string, string>;

const quoted = (ids: readonly string[]) => ids.map((id) => `'${id}'`).join(", ");

/**
 * The zone that each target is in, once it is known that all of them may be registered.
 *
 * @throws AwsError `InvalidTarget`, `ValidationError`
 */
export async function zonesOf(ctx: Context, group: TargetGroup, targets: readonly TargetDescription[]): Promise<Zones> {
  switch (group.targetType) {
    case "instance":
      return zonesOfInstances(ctx, group, targets);
    case "ip":
      return zonesOfAddresses(ctx, targets);
    case "lambda":
      return checkFunctions(ctx, targets);
  }
}

async function zonesOfInstances(
  ctx: Context,
  { vpcId }: TargetGroup,
  targets: readonly TargetDescription[],
): Promise<Zones> {
  if (targets.some(({ AvailabilityZone: zone }) => zone !== undefined))
    throw errors.ValidationError("You cannot specify an Availability Zone for targets of type instance");
  const ids = [...new Set(targets.flatMap(({ Id }) => Id ?? []))];
  const instances = await describeInstances(ctx, ids);
  const stopped = instances.filter(({ State }) => State?.Name !== "running").map(({ InstanceId = "" }) => InstanceId);
  if (stopped.length > 0) {
    throw errors.InvalidTarget(
      `The following targets are not in a running state and cannot be registered: ${quoted(stopped)}`,
    );
  }
  const elsewhere = instances.filter(({ VpcId }) => VpcId !== vpcId).map(({ InstanceId = "" }) => InstanceId);
  if (elsewhere.length > 0)
    throw errors.InvalidTarget(
      `The following targets are not in the target group VPC '${vpcId}': ${quoted(elsewhere)}`,
    );
  return new Map(
    instances.map(({ InstanceId = "", Placement: placement }) => [InstanceId, placement?.AvailabilityZone ?? "all"]),
  );
}

async function describeInstances(ctx: Context, ids: readonly string[]) {
  try {
    const { Reservations: reservations = [] } = await ctx.call.ec2.describeInstances({ InstanceIds: [...ids] });
    return reservations.flatMap(({ Instances: instances = [] }) => instances);
  } catch (error) {
    if (isAwsError(error, "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"))
      throw errors.InvalidTarget(error.message);
    throw error;
  }
}

/** Private ranges, and the loopback addresses that instances and tasks of this machine have. */
const reachable = [
  /^127\./,
  /^10\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^192\.168\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
];

function zonesOfAddresses({ region }: Context, targets: readonly TargetDescription[]): Zones {
  return new Map(
    targets.map(({ Id: address = "", AvailabilityZone: zone = "all" }) => {
      if (!isIPv4(address)) throw errors.ValidationError(`The IP address '${address}' is not a valid IPv4 address`);
      if (!reachable.some((range) => range.test(address)))
        throw errors.ValidationError(`The IP address '${address}' is publicly routable, and cannot be registered`);
      if (zone !== "all" && !zone.startsWith(region))
        throw errors.ValidationError(`The Availability Zone '${zone}' is not valid in this region`);
      return [address, zone];
    }),
  );
}

async function checkFunctions(ctx: Context, targets: readonly TargetDescription[]): Promise<Zones> {
  for (const { Id: arn = "", AvailabilityZone: zone = "all" } of targets) {
    if (zone !== "all") throw errors.ValidationError("The Availability Zone of a Lambda function must be 'all'");
    if (!/^arn:[^:]+:lambda:[^:]+:\d{12}:function:[^:]+(:[^:]+)?$/.test(arn))
      throw errors.ValidationError(`'${arn}' is not a valid Lambda function ARN`);
    try {
      await ctx.call.lambda.getFunction({ FunctionName: arn });
    } catch (error) {
      if (isAwsError(error, "ResourceNotFoundException")) throw errors.InvalidTarget(error.message);
      throw error;
    }
  }
  return new Map();
}
