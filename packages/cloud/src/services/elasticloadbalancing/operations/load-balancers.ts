import { isDeepStrictEqual } from "node:util";
import type { LoadBalancer as Shown } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { hostedZoneOf, takeAddress } from "../addresses.ts";
import { arnOf, partsOfArn } from "../arns.ts";
import { errors } from "../errors.ts";
import { limits } from "../limits.ts";
import type { LoadBalancer } from "../model.ts";
import { checkName } from "../names.ts";
import { findSecurityGroups, findSubnets, subnetIdsOf } from "../network.ts";
import { page } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { findLoadBalancer, listenersOf, tables } from "../store.ts";
import { putTags } from "../tagging.ts";
import { removeListener } from "./listeners.ts";

export function showLoadBalancer(ctx: Context, balancer: LoadBalancer): Shown {
  const { code: Code, reason: Reason } = balancer.state;
  return {
    LoadBalancerArn: balancer.arn,
    DNSName: balancer.dnsName,
    CanonicalHostedZoneId: hostedZoneOf(ctx.region),
    CreatedTime: new Date(balancer.createdAt),
    LoadBalancerName: balancer.name,
    Scheme: balancer.scheme,
    VpcId: balancer.vpcId,
    State: { Code, Reason },
    Type: "application",
    AvailabilityZones: showZones(balancer),
    SecurityGroups: [...balancer.securityGroups],
    IpAddressType: balancer.ipAddressType,
  };
}

export function showZones({ zones }: Pick<LoadBalancer, "zones">) {
  return zones.map(({ zone, subnetId }) => ({ ZoneName: zone, SubnetId: subnetId, LoadBalancerAddresses: [] }));
}

/** @throws AwsError `ValidationError` @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#load-balancer-ip-address-type */
export function checkIpAddressType(type: string | undefined): void {
  if (type !== undefined && type !== "ipv4")
    throw errors.ValidationError(
      `Trysail's load balancers have IPv4 addresses only: IpAddressType '${type}' is not supported.`,
    );
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html */
export const createLoadBalancer: Handler<Sdk, "createLoadBalancer"> = async (ctx, input) => {
  const { Name: name, Type: type = "application", Scheme: scheme = "internet-facing" } = input;
  checkName("The load balancer", name);
  if (type !== "application")
    throw errors.ValidationError(`Trysail has application load balancers only: Type '${type}' is not supported.`);
  if (scheme !== "internet-facing" && scheme !== "internal")
    throw errors.InvalidScheme(`The scheme '${String(scheme)}' must be internet-facing or internal`);
  checkIpAddressType(input.IpAddressType);
  if (input.CustomerOwnedIpv4Pool !== undefined || input.IpamPools !== undefined)
    throw errors.ValidationError(
      "Trysail's load balancers take no addresses from pools: leave out CustomerOwnedIpv4Pool and IpamPools.",
    );
  if (input.EnablePrefixForIpv6SourceNat === "on")
    throw errors.ValidationError("EnablePrefixForIpv6SourceNat is not supported for application load balancers");
  const place = await findSubnets(ctx, subnetIdsOf(input));
  const securityGroups = await findSecurityGroups(ctx, place.vpcId, input.SecurityGroups);

  return ctx.transaction(() => {
    const balancers = ctx.table(tables.loadBalancers);
    const existing = balancers.get(name);
    if (existing !== undefined) {
      const asked = { scheme, ...place, securityGroups };
      if (!isDeepStrictEqual({ ...existing, ...asked }, existing)) {
        throw errors.DuplicateLoadBalancerName(
          `A load balancer with the same name '${name}' exists, but with different settings`,
        );
      }
      return { LoadBalancers: [showLoadBalancer(ctx, existing)] };
    }
    const max = limits["application-load-balancers"];
    if ([...balancers.keys()].length >= max)
      throw errors.TooManyLoadBalancers(`The maximum number of load balancers has been reached: '${max}'`);
    const fullName = `app/${name}/${ctx.ids.hex(16)}`;
    const balancer: LoadBalancer = {
      name,
      arn: arnOf(ctx, `loadbalancer/${fullName}`),
      fullName,
      dnsName: takeAddress(ctx, { fullName }),
      scheme,
      ...place,
      securityGroups,
      ipAddressType: "ipv4",
      createdAt: ctx.now,
      state: { code: "provisioning" },
      attributes: {},
    };
    balancers.put(name, balancer);
    putTags(ctx, balancer.arn, input.Tags);
    return { LoadBalancers: [showLoadBalancer(ctx, balancer)] };
  });
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html */
export const describeLoadBalancers: Handler<Sdk, "describeLoadBalancers"> = (ctx, input) => {
  const { LoadBalancerArns: arns = [], Names: names = [] } = input;
  if (arns.length > 0 && names.length > 0)
    throw errors.ValidationError("Load balancer ARNs and names cannot be specified at the same time");
  if (arns.length > 0) return { LoadBalancers: arns.map((arn) => showLoadBalancer(ctx, findLoadBalancer(ctx, arn))) };
  if (names.length > 0) {
    const found = names.map((name) => ctx.table(tables.loadBalancers).get(name));
    const missing = names.filter((_, index) => found[index] === undefined);
    if (missing.length > 0) throw errors.LoadBalancerNotFound(`Load balancers '[${missing.join(", ")}]' not found`);
    return {
      LoadBalancers: found.flatMap((balancer) => (balancer === undefined ? [] : showLoadBalancer(ctx, balancer))),
    };
  }
  const { items, NextMarker } = page(
    (after: { after?: string }) => ctx.table(tables.loadBalancers).entries(after),
    input,
  );
  return { LoadBalancers: items.map((balancer) => showLoadBalancer(ctx, balancer)), NextMarker };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html */
export const deleteLoadBalancer: Handler<Sdk, "deleteLoadBalancer"> = (ctx, input) => {
  const [, name = ""] = partsOfArn("load balancer", input.LoadBalancerArn);
  const balancer = ctx.table(tables.loadBalancers).get(name);
  // One that is gone already is no error.
  if (balancer?.arn !== input.LoadBalancerArn) return {};
  if (balancer.attributes["deletion_protection.enabled"] === "true") {
    throw errors.OperationNotPermitted(
      `Load balancer '${balancer.arn}' cannot be deleted because deletion protection is enabled`,
    );
  }
  for (const listener of listenersOf(ctx, name)) removeListener(ctx, listener);
  ctx.table(tables.loadBalancers).delete(name);
  ctx.table(tables.tags).delete(balancer.arn);
  ctx.table(tables.retired).put(balancer.fullName, { fullName: balancer.fullName });
  return {};
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSubnets.html */
export const setSubnets: Handler<Sdk, "setSubnets"> = async (ctx, input) => {
  const { vpcId } = findLoadBalancer(ctx, input.LoadBalancerArn);
  checkIpAddressType(input.IpAddressType);
  const place = await findSubnets(ctx, subnetIdsOf(input));
  if (place.vpcId !== vpcId)
    throw errors.InvalidConfigurationRequest("The subnets must be in the VPC of the load balancer");
  return ctx.transaction(() => {
    const changed = { ...findLoadBalancer(ctx, input.LoadBalancerArn), zones: place.zones };
    ctx.table(tables.loadBalancers).put(changed.name, changed);
    return { AvailabilityZones: showZones(changed), IpAddressType: changed.ipAddressType };
  });
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetSecurityGroups.html */
export const setSecurityGroups: Handler<Sdk, "setSecurityGroups"> = async (ctx, input) => {
  const { vpcId } = findLoadBalancer(ctx, input.LoadBalancerArn);
  if (input.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic !== undefined) {
    throw errors.ValidationError(
      "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic is not supported for application load balancers",
    );
  }
  if (input.SecurityGroups.length === 0) throw errors.ValidationError("A security group must be specified");
  const securityGroups = await findSecurityGroups(ctx, vpcId, input.SecurityGroups);
  return ctx.transaction(() => {
    const balancer = findLoadBalancer(ctx, input.LoadBalancerArn);
    ctx.table(tables.loadBalancers).put(balancer.name, { ...balancer, securityGroups });
    return { SecurityGroupIds: [...securityGroups] };
  });
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetIpAddressType.html */
export const setIpAddressType: Handler<Sdk, "setIpAddressType"> = (ctx, input) => {
  const { ipAddressType } = findLoadBalancer(ctx, input.LoadBalancerArn);
  checkIpAddressType(input.IpAddressType);
  return { IpAddressType: ipAddressType };
};
