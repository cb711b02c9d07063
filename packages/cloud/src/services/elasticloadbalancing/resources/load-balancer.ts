import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import { loadBalancerAttributes } from "../attributes.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { attributeChanges, fullNameOf, membersOf, tagsFor, updateTags, wasMadeFor } from "./properties.ts";

type CreateInput = Input<Sdk, "createLoadBalancer">;

const refused = [
  "EnableCapacityReservationProvisionStabilize",
  "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
  "Ipv4IpamPoolId",
  "MinimumLoadBalancerCapacity",
];

function checkProperties(properties: Properties): void {
  const given = refused.find((name) => properties[name] !== undefined);
  if (given !== undefined) throw errors.ValidationError(`Trysail's load balancers have no ${given}: leave it out.`);
}

function inputOf(name: string, properties: Properties, request: ResourceRequest): CreateInput {
  const members = membersOf(properties) as Omit<CreateInput, "Name" | "Tags">;
  return {
    Name: name,
    Subnets: members.Subnets,
    SubnetMappings: members.SubnetMappings,
    SecurityGroups: members.SecurityGroups,
    Scheme: members.Scheme,
    Type: members.Type,
    IpAddressType: members.IpAddressType,
    EnablePrefixForIpv6SourceNat: members.EnablePrefixForIpv6SourceNat,
    Tags: tagsFor(request, properties),
  };
}

async function identity(ctx: Context, arn: string) {
  const { LoadBalancers: found = [] } = await ctx.call.elasticloadbalancing.describeLoadBalancers({
    LoadBalancerArns: [arn],
  });
  const [balancer] = found;
  return {
    status: "done",
    id: arn,
    attributes: {
      CanonicalHostedZoneID: balancer?.CanonicalHostedZoneId,
      DNSName: balancer?.DNSName,
      LoadBalancerArn: arn,
      LoadBalancerFullName: fullNameOf(arn, "loadbalancer"),
      LoadBalancerName: balancer?.LoadBalancerName,
      SecurityGroups: balancer?.SecurityGroups,
    },
  } as const;
}

async function setAttributes(ctx: Context, arn: string, properties: Properties, previous: Properties): Promise<void> {
  const name = "LoadBalancerAttributes";
  const Attributes = attributeChanges(properties[name], previous[name], loadBalancerAttributes);
  if (Attributes.length > 0)
    await ctx.call.elasticloadbalancing.modifyLoadBalancerAttributes({ LoadBalancerArn: arn, Attributes });
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html */
export const loadBalancer: ResourceType = {
  properties: [
    "EnablePrefixForIpv6SourceNat",
    "IpAddressType",
    "LoadBalancerAttributes",
    "Name",
    "Scheme",
    "SecurityGroups",
    "SubnetMappings",
    "Subnets",
    "Tags",
    "Type",
    ...refused,
  ],
  replacedBy: ["Name", "Scheme", "Type"],

  async create(ctx, properties, request) {
    checkProperties(properties);
    const given = properties["Name"];
    const name = typeof given === "string" ? given : request.generatedName({ maxLength: 32 });
    const { LoadBalancers: made = [] } = await ctx.call.elasticloadbalancing.createLoadBalancer(
      inputOf(name, properties, request),
    );
    const arn = made[0]?.LoadBalancerArn ?? "";
    // One with the same settings is given back as it is, whoever made it.
    if (!(await wasMadeFor(ctx, arn, request)))
      throw errors.DuplicateLoadBalancerName(`A load balancer with the same name '${name}' exists`);
    request.made(arn);
    await setAttributes(ctx, arn, properties, {});
    return identity(ctx, arn);
  },

  async update(ctx, id, properties, previous, request) {
    checkProperties(properties);
    const { elasticloadbalancing: elb } = ctx.call;
    const { Subnets, SubnetMappings, SecurityGroups, IpAddressType } = inputOf("", properties, request);
    if (IpAddressType !== undefined) await elb.setIpAddressType({ LoadBalancerArn: id, IpAddressType });
    await elb.setSubnets({ LoadBalancerArn: id, Subnets, SubnetMappings });
    if (SecurityGroups !== undefined && SecurityGroups.length > 0)
      await elb.setSecurityGroups({ LoadBalancerArn: id, SecurityGroups });
    await setAttributes(ctx, id, properties, previous);
    await updateTags(ctx, id, properties, previous, request);
    return identity(ctx, id);
  },

  async remove(ctx, id) {
    try {
      await ctx.call.elasticloadbalancing.deleteLoadBalancer({ LoadBalancerArn: id });
    } catch (error) {
      if (!isAwsError(error, "LoadBalancerNotFound")) throw error;
    }
    return { status: "done" };
  },
};
