import { isDeepStrictEqual } from "node:util";
import type { TargetGroup as Shown } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { arnOf, partsOfArn } from "../arns.ts";
import { errors } from "../errors.ts";
import { defaultHealthCheck, withHealthCheck } from "../health-check.ts";
import { limits } from "../limits.ts";
import type { TargetGroup, TargetType } from "../model.ts";
import { checkName } from "../names.ts";
import { page } from "../paging.ts";
import { removeTarget } from "../registration.ts";
import type { Sdk } from "../sdk.ts";
import { findLoadBalancer, findTargetGroup, loadBalancerOf, tables, targetsOf } from "../store.ts";
import { putTags } from "../tagging.ts";

export function showTargetGroup(ctx: Context, group: TargetGroup): Shown {
  const { healthCheck: check, targetType } = group;
  const usedBy = loadBalancerOf(ctx, group.name);
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: targetType === "lambda" ? undefined : check.protocol,
    HealthCheckPort: targetType === "lambda" ? undefined : check.port,
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    HealthCheckPath: check.path,
    Matcher: { HttpCode: check.matcher },
    LoadBalancerArns: usedBy === undefined ? [] : [usedBy],
    TargetType: targetType,
    ProtocolVersion: targetType === "lambda" ? undefined : "HTTP1",
    IpAddressType: "ipv4",
  };
}

interface RoutingInput {
  readonly Protocol?: string | undefined;
  readonly ProtocolVersion?: string | undefined;
  readonly Port?: number | undefined;
  readonly VpcId?: string | undefined;
}

/** Where traffic goes; nothing of it applies to functions. */
function readRouting(type: TargetType, input: RoutingInput): Pick<TargetGroup, "protocol" | "port" | "vpcId"> {
  const { Protocol: protocol, Port: port, VpcId: vpcId, ProtocolVersion: version = "HTTP1" } = input;
  if (type === "lambda") {
    for (const [name, value] of Object.entries({ Protocol: protocol, Port: port, "VPC ID": vpcId }))
      if (value !== undefined)
        throw errors.ValidationError(`${name} cannot be specified for target groups with target type 'lambda'`);
    return { protocol: undefined, port: undefined, vpcId: undefined };
  }
  if (protocol === undefined) throw errors.ValidationError("A protocol must be specified");
  if (protocol !== "HTTP" && protocol !== "HTTPS")
    throw errors.ValidationError(
      `Trysail balances HTTP and HTTPS only: target groups of protocol '${protocol}' are not supported.`,
    );
  if (version !== "HTTP1")
    throw errors.ValidationError(
      `Trysail speaks HTTP/1.1 with targets: ProtocolVersion '${version}' is not supported.`,
    );
  if (port === undefined) throw errors.ValidationError("A port must be specified");
  if (port < 1 || port > 65_535) throw errors.ValidationError(`The port '${port}' must be between 1 and 65535`);
  if (vpcId === undefined) throw errors.ValidationError("A VPC ID must be specified");
  return { protocol, port, vpcId };
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html */
export const createTargetGroup: Handler<Sdk, "createTargetGroup"> = async (ctx, input) => {
  const { Name: name, TargetType: targetType = "instance" } = input;
  checkName("Target group", name);
  if (targetType !== "instance" && targetType !== "ip" && targetType !== "lambda")
    throw errors.ValidationError(
      `Trysail does not balance to targets of type '${targetType}': give instance, ip or lambda.`,
    );
  if (input.IpAddressType !== undefined && input.IpAddressType !== "ipv4")
    throw errors.ValidationError(
      `Trysail's targets have IPv4 addresses only: IpAddressType '${input.IpAddressType}' is not supported.`,
    );
  if (input.TargetControlPort !== undefined)
    throw errors.ValidationError("Trysail has no target optimizer: leave out TargetControlPort.");
  const routing = readRouting(targetType, input);
  const healthCheck = withHealthCheck(defaultHealthCheck(targetType, routing.protocol), targetType, input);
  if (routing.vpcId !== undefined) await checkVpc(ctx, routing.vpcId);

  return ctx.transaction(() => {
    const groups = ctx.table(tables.targetGroups);
    const asked = { name, targetType, ...routing, healthCheck };
    const existing = groups.get(name);
    if (existing !== undefined) {
      if (!isDeepStrictEqual({ ...existing, ...asked }, existing)) {
        throw errors.DuplicateTargetGroupName(
          `A target group with the same name '${name}' exists, but with different settings`,
        );
      }
      return { TargetGroups: [showTargetGroup(ctx, existing)] };
    }
    const max = limits["target-groups"];
    if ([...groups.keys()].length >= max)
      throw errors.TooManyTargetGroups(`The maximum number of target groups has been reached: '${max}'`);
    const group: TargetGroup = {
      ...asked,
      arn: arnOf(ctx, `targetgroup/${name}/${ctx.ids.hex(16)}`),
      attributes: {},
    };
    groups.put(name, group);
    putTags(ctx, group.arn, input.Tags);
    return { TargetGroups: [showTargetGroup(ctx, group)] };
  });
};

async function checkVpc(ctx: Context, vpcId: string): Promise<void> {
  const { Vpcs: vpcs = [] } = await ctx.call.ec2.describeVpcs({ Filters: [{ Name: "vpc-id", Values: [vpcId] }] });
  if (vpcs.length === 0) throw errors.ValidationError(`The VPC ID '${vpcId}' is not found`);
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroup.html */
export const modifyTargetGroup: Handler<Sdk, "modifyTargetGroup"> = (ctx, input) => {
  const group = findTargetGroup(ctx, input.TargetGroupArn);
  const changed = { ...group, healthCheck: withHealthCheck(group.healthCheck, group.targetType, input) };
  ctx.table(tables.targetGroups).put(group.name, changed);
  return { TargetGroups: [showTargetGroup(ctx, changed)] };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html */
export const describeTargetGroups: Handler<Sdk, "describeTargetGroups"> = (ctx, input) => {
  const { LoadBalancerArn: balancerArn, TargetGroupArns: arns = [], Names: names = [] } = input;
  const groups = ctx.table(tables.targetGroups);
  if ([balancerArn !== undefined, arns.length > 0, names.length > 0].filter(Boolean).length > 1) {
    throw errors.ValidationError(
      "Target group ARNs, target group names, and a load balancer ARN cannot be specified at the same time",
    );
  }
  if (arns.length > 0) return { TargetGroups: arns.map((arn) => showTargetGroup(ctx, findTargetGroup(ctx, arn))) };
  if (names.length > 0) {
    const found = names.map((name) => {
      const group = groups.get(name);
      if (group === undefined) throw errors.TargetGroupNotFound("One or more target groups not found");
      return showTargetGroup(ctx, group);
    });
    return { TargetGroups: found };
  }
  if (balancerArn !== undefined) findLoadBalancer(ctx, balancerArn);
  function* matching(after: { after?: string }): Generator<[string, TargetGroup]> {
    for (const [name, group] of groups.entries(after)) {
      if (balancerArn === undefined || loadBalancerOf(ctx, name) === balancerArn) yield [name, group];
    }
  }
  const { items, NextMarker } = page(matching, input);
  return { TargetGroups: items.map((group) => showTargetGroup(ctx, group)), NextMarker };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html */
export const deleteTargetGroup: Handler<Sdk, "deleteTargetGroup"> = (ctx, input) => {
  const [name = ""] = partsOfArn("target group", input.TargetGroupArn);
  const group = ctx.table(tables.targetGroups).get(name);
  // One that is gone already is no error.
  if (group?.arn !== input.TargetGroupArn) return {};
  if (loadBalancerOf(ctx, name) !== undefined)
    throw errors.ResourceInUse(`Target group '${group.arn}' is currently in use by a listener or a rule`);
  for (const target of targetsOf(ctx, name)) removeTarget(ctx, group, target);
  ctx.table(tables.targetGroups).delete(name);
  ctx.table(tables.tags).delete(group.arn);
  return {};
};
