import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, refuse } from "../errors.ts";
import { once } from "../handling.ts";
import { kinds } from "../kinds.ts";
import type { VpcEndpointRow } from "../model.ts";
import { groupNamed } from "../networking/security-groups.ts";
import { removeWithTags } from "../networking/removing.ts";
import { describeKind, find, findAll, newId, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, putTags, specifiedTags } from "../tags.ts";

const show = (ctx: Context, row: VpcEndpointRow) => withTags(ctx, row.VpcEndpointId, row);

const openPolicy = JSON.stringify({
  Version: "2008-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }],
});

function groupsNamed(ctx: Context, ids: readonly string[]) {
  return findAll(ctx, kinds.securityGroup, ids).map(({ GroupId, GroupName }) => ({ GroupId, GroupName }));
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html */
export const createVpcEndpoint: Handler<Sdk, "createVpcEndpoint"> = (ctx, input) => {
  refuse(
    input,
    ["DnsOptions", "ResourceConfigurationArn", "ServiceNetworkArn", "ServiceRegion", "SubnetConfigurations"],
    "Trysail records endpoints of AWS's services in the same region.",
  );
  checkSpecifications(input.TagSpecifications, "vpc-endpoint");
  const id = once(ctx, "createVpcEndpoint", input, () => {
    const { VpcId } = find(ctx, kinds.vpc, input.VpcId);
    const { ServiceName, VpcEndpointType = "Gateway" } = input;
    if (ServiceName === undefined || !ServiceName.includes("."))
      throw errors.InvalidServiceName(`The Vpc Endpoint Service '${String(ServiceName)}' does not exist`);
    findAll(ctx, kinds.routeTable, input.RouteTableIds ?? []);
    const subnets = findAll(ctx, kinds.subnet, input.SubnetIds ?? []);
    const isInterface = VpcEndpointType === "Interface";
    const asked = input.SecurityGroupIds ?? [];
    const usual = groupNamed(ctx, VpcId, "default")?.GroupId;
    const VpcEndpointId = newId(ctx, kinds.vpcEndpoint);
    ctx.table(tables.vpcEndpoints).put(VpcEndpointId, {
      VpcEndpointId,
      VpcId,
      ServiceName,
      VpcEndpointType,
      // Written so by AWS, whatever its model lists.
      State: "available" as "Available",
      OwnerId: ctx.account,
      PolicyDocument: input.PolicyDocument ?? openPolicy,
      RouteTableIds: input.RouteTableIds ?? [],
      SubnetIds: subnets.map(({ SubnetId }) => SubnetId),
      Groups: isInterface ? groupsNamed(ctx, asked.length === 0 && usual !== undefined ? [usual] : asked) : [],
      IpAddressType: "ipv4",
      PrivateDnsEnabled: input.PrivateDnsEnabled ?? isInterface,
      RequesterManaged: false,
      NetworkInterfaceIds: isInterface ? subnets.map(() => newId(ctx, { prefix: "eni" })) : [],
      DnsEntries: [],
      CreationTimestamp: new Date(ctx.now),
    });
    putTags(ctx, VpcEndpointId, specifiedTags(input.TagSpecifications, "vpc-endpoint"));
    return VpcEndpointId;
  });
  return { VpcEndpoint: show(ctx, find(ctx, kinds.vpcEndpoint, id)), ClientToken: input.ClientToken };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html */
export const describeVpcEndpoints: Handler<Sdk, "describeVpcEndpoints"> = (ctx, input) => {
  const { items, next } = describeKind(ctx, kinds.vpcEndpoint, input.VpcEndpointIds, input, (row) => show(ctx, row));
  return { VpcEndpoints: items, NextToken: next };
};

const without = (list: readonly string[] = [], gone: readonly string[] = [], added: readonly string[] = []) => [
  ...new Set([...list.filter((one) => !gone.includes(one)), ...added]),
];

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html */
export const modifyVpcEndpoint: Handler<Sdk, "modifyVpcEndpoint"> = (ctx, input) => {
  refuse(input, ["DnsOptions", "IpAddressType", "SubnetConfigurations"], "Trysail's endpoints cannot be so.");
  const row = find(ctx, kinds.vpcEndpoint, input.VpcEndpointId);
  findAll(ctx, kinds.routeTable, input.AddRouteTableIds ?? []);
  findAll(ctx, kinds.subnet, input.AddSubnetIds ?? []);
  const groups = (row.Groups ?? []).map(({ GroupId = "" }) => GroupId);
  ctx.table(tables.vpcEndpoints).put(row.VpcEndpointId, {
    ...row,
    PolicyDocument: input.ResetPolicy === true ? openPolicy : (input.PolicyDocument ?? row.PolicyDocument),
    PrivateDnsEnabled: input.PrivateDnsEnabled ?? row.PrivateDnsEnabled,
    RouteTableIds: without(row.RouteTableIds, input.RemoveRouteTableIds, input.AddRouteTableIds),
    SubnetIds: without(row.SubnetIds, input.RemoveSubnetIds, input.AddSubnetIds),
    Groups: groupsNamed(ctx, without(groups, input.RemoveSecurityGroupIds, input.AddSecurityGroupIds)),
  });
  return { Return: true };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html */
export const deleteVpcEndpoints: Handler<Sdk, "deleteVpcEndpoints"> = (ctx, input) => ({
  Unsuccessful: input.VpcEndpointIds.flatMap((ResourceId) => {
    if (ctx.table(tables.vpcEndpoints).has(ResourceId)) {
      removeWithTags(ctx, kinds.vpcEndpoint, ResourceId);
      return [];
    }
    const { code: Code, message: Message } = kinds.vpcEndpoint.notFound(ResourceId);
    return [{ ResourceId, Error: { Code, Message } }];
  }),
});
