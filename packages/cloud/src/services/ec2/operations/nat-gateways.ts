import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, refuse } from "../errors.ts";
import { once } from "../handling.ts";
import { kinds } from "../kinds.ts";
import type { NatGatewayRow } from "../model.ts";
import { describeKind, find, newId, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, putTags, specifiedTags } from "../tags.ts";

/** Deleted ones are told of for about so long. @see https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html */
const keptAfterDeletionMs = 3_600_000;

function show(ctx: Context, gateway: NatGatewayRow) {
  const { forgetAt: _, ...row } = gateway;
  return withTags(ctx, row.NatGatewayId, row);
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html */
export const createNatGateway: Handler<Sdk, "createNatGateway"> = (ctx, input) => {
  refuse(
    input,
    [
      "AvailabilityZoneAddresses",
      "PrivateIpAddress",
      "SecondaryAllocationIds",
      "SecondaryPrivateIpAddressCount",
      "SecondaryPrivateIpAddresses",
      "VpcId",
    ],
    "Trysail's NAT gateways are in one subnet, with one address.",
  );
  if (input.AvailabilityMode === "regional")
    throw errors.UnsupportedOperation("AvailabilityMode: Trysail's NAT gateways are in one subnet, with one address.");
  checkSpecifications(input.TagSpecifications, "natgateway");
  const id = once(ctx, "createNatGateway", input, () => {
    const subnet = find(ctx, kinds.subnet, input.SubnetId ?? "");
    const isPrivate = input.ConnectivityType === "private";
    if (isPrivate === (input.AllocationId !== undefined))
      throw errors.InvalidParameterCombination(
        isPrivate
          ? "A private NAT gateway has no elastic address."
          : "The request must contain the parameter allocationId",
      );
    const NetworkInterfaceId = newId(ctx, { prefix: "eni" });
    const NatGatewayId = newId(ctx, kinds.natGateway);
    const address = input.AllocationId === undefined ? undefined : find(ctx, kinds.address, input.AllocationId);
    if (address?.AssociationId !== undefined)
      throw errors["Resource.AlreadyAssociated"](`Elastic IP address [${address.AllocationId}] is already associated`);
    const AssociationId = newId(ctx, { prefix: "eipassoc" });
    if (address !== undefined)
      ctx.table(tables.addresses).put(address.AllocationId, {
        ...address,
        AssociationId,
        NetworkInterfaceId,
        NetworkInterfaceOwnerId: ctx.account,
      });
    ctx.table(tables.natGateways).put(NatGatewayId, {
      NatGatewayId,
      SubnetId: subnet.SubnetId,
      VpcId: subnet.VpcId,
      State: "available",
      ConnectivityType: isPrivate ? "private" : "public",
      CreateTime: new Date(ctx.now),
      NatGatewayAddresses: [
        {
          NetworkInterfaceId,
          IsPrimary: true,
          Status: "succeeded",
          ...(address !== undefined && {
            AllocationId: address.AllocationId,
            AssociationId,
            PublicIp: address.PublicIp,
          }),
        },
      ],
    });
    putTags(ctx, NatGatewayId, specifiedTags(input.TagSpecifications, "natgateway"));
    return NatGatewayId;
  });
  return { NatGateway: show(ctx, find(ctx, kinds.natGateway, id)), ClientToken: input.ClientToken };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNatGateways.html */
export const describeNatGateways: Handler<Sdk, "describeNatGateways"> = (ctx, input) => {
  const { NatGatewayIds, Filter: Filters, MaxResults, NextToken } = input;
  // Those whose time has come are gone, even if nothing has swept them yet.
  const isTold = ({ forgetAt }: NatGatewayRow) => forgetAt === undefined || ctx.now < forgetAt;
  const asked = (NatGatewayIds ?? []).map((id) => {
    if (!isTold(find(ctx, kinds.natGateway, id))) throw kinds.natGateway.notFound(id);
    return id;
  });
  const { items, next } = describeKind(ctx, kinds.natGateway, asked, { Filters, MaxResults, NextToken }, (row) => ({
    ...withTags(ctx, row.NatGatewayId, row),
  }));
  return {
    NatGateways: items.filter(isTold).map((row) => show(ctx, row)),
    NextToken: next,
  };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html */
export const deleteNatGateway: Handler<Sdk, "deleteNatGateway"> = (ctx, input) => {
  const row = find(ctx, kinds.natGateway, input.NatGatewayId);
  if (row.State === "deleted") return { NatGatewayId: row.NatGatewayId };
  for (const { AllocationId } of row.NatGatewayAddresses) {
    const address = AllocationId === undefined ? undefined : ctx.table(tables.addresses).get(AllocationId);
    if (address === undefined) continue;
    const { PublicIp, Domain, NetworkBorderGroup, PublicIpv4Pool } = address;
    const free = { AllocationId: address.AllocationId, PublicIp, Domain, NetworkBorderGroup, PublicIpv4Pool };
    ctx.table(tables.addresses).put(address.AllocationId, free);
  }
  ctx.table(tables.natGateways).put(row.NatGatewayId, {
    ...row,
    State: "deleted",
    DeleteTime: new Date(ctx.now),
    forgetAt: ctx.now + keptAfterDeletionMs,
  });
  return { NatGatewayId: row.NatGatewayId };
};
