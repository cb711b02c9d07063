import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, refuse } from "../errors.ts";
import { kinds } from "../kinds.ts";
import type { AddressRow } from "../model.ts";
import { removeWithTags } from "../networking/removing.ts";
import { describeKind, find, newId, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, putTags, specifiedTags } from "../tags.ts";

const show = (ctx: Context, row: AddressRow) => withTags(ctx, row.AllocationId, row);

/**
 * A number that stands for an address: nothing is reached by it. It is of the block that is set aside for documentation
 * and benchmarks, so that it is nobody's.
 *
 * @see https://www.rfc-editor.org/rfc/rfc2544
 */
function freeAddress(ctx: Context): string {
  const taken = new Set([...ctx.table(tables.addresses).values()].map(({ PublicIp }) => PublicIp));
  for (;;) {
    const [a = 0, b = 0, c = 0] = ctx.ids.bytes(3);
    const address = `198.${18 + (a % 2)}.${b}.${c}`;
    if (!taken.has(address)) return address;
  }
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html */
export const allocateAddress: Handler<Sdk, "allocateAddress"> = (ctx, input) => {
  refuse(
    input,
    ["Address", "CustomerOwnedIpv4Pool", "IpamPoolId", "PublicIpv4Pool"],
    "Trysail's elastic addresses are of no pool.",
  );
  checkSpecifications(input.TagSpecifications, "elastic-ip");
  const AllocationId = newId(ctx, kinds.address);
  const row: AddressRow = {
    AllocationId,
    PublicIp: freeAddress(ctx),
    Domain: "vpc",
    NetworkBorderGroup: ctx.region,
    PublicIpv4Pool: "amazon",
  };
  ctx.table(tables.addresses).put(AllocationId, row);
  putTags(ctx, AllocationId, specifiedTags(input.TagSpecifications, "elastic-ip"));
  const { PublicIp, Domain, NetworkBorderGroup, PublicIpv4Pool } = row;
  return { AllocationId, PublicIp, Domain, NetworkBorderGroup, PublicIpv4Pool };
};

function byAddress(ctx: Context, address: string): AddressRow {
  const found = [...ctx.table(tables.addresses).values()].find(({ PublicIp }) => PublicIp === address);
  if (found === undefined) throw errors["InvalidAddress.NotFound"](`Address '${address}' not found.`);
  return found;
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html */
export const describeAddresses: Handler<Sdk, "describeAddresses"> = (ctx, input) => {
  const ids = [
    ...(input.AllocationIds ?? []),
    ...(input.PublicIps ?? []).map((address) => byAddress(ctx, address).AllocationId),
  ];
  const { items } = describeKind(ctx, kinds.address, ids, { Filters: input.Filters, MaxResults: 1000 }, (row) =>
    show(ctx, row),
  );
  return { Addresses: items };
};

function named(
  ctx: Context,
  { AllocationId, PublicIp }: { AllocationId?: string | undefined; PublicIp?: string | undefined },
) {
  if (AllocationId !== undefined) return find(ctx, kinds.address, AllocationId);
  if (PublicIp === undefined)
    throw errors.MissingParameter("The request must contain the parameter allocationId or publicIp");
  return byAddress(ctx, PublicIp);
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html */
export const releaseAddress: Handler<Sdk, "releaseAddress"> = (ctx, input) => {
  const { AllocationId, AssociationId, PublicIp } = named(ctx, input);
  if (AssociationId !== undefined) throw errors["InvalidIPAddress.InUse"](`Address ${PublicIp} is in use.`);
  removeWithTags(ctx, kinds.address, AllocationId);
  return {};
};

/**
 * Recorded: the instance goes on being reached at its own address.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html
 */
export const associateAddress: Handler<Sdk, "associateAddress"> = (ctx, input) => {
  refuse(
    input,
    ["NetworkInterfaceId", "PrivateIpAddress"],
    "Trysail associates elastic addresses with instances only.",
  );
  const row = named(ctx, input);
  if (input.InstanceId === undefined)
    throw errors.MissingParameter("Either instance ID or network interface id must be specified");
  const instance = find(ctx, kinds.instance, input.InstanceId);
  if (row.AssociationId !== undefined && input.AllowReassociation === false)
    throw errors["Resource.AlreadyAssociated"](
      `resource ${row.AllocationId} is already associated with associate-id ${row.AssociationId}`,
    );
  const AssociationId = newId(ctx, { prefix: "eipassoc" });
  ctx.table(tables.addresses).put(row.AllocationId, {
    ...row,
    AssociationId,
    InstanceId: instance.id,
    NetworkInterfaceId: instance.networkInterfaceId,
    NetworkInterfaceOwnerId: ctx.account,
    PrivateIpAddress: instance.address,
  });
  return { AssociationId };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateAddress.html */
export const disassociateAddress: Handler<Sdk, "disassociateAddress"> = (ctx, input) => {
  const { AssociationId: id } = input;
  const row =
    id === undefined
      ? named(ctx, { PublicIp: input.PublicIp })
      : [...ctx.table(tables.addresses).values()].find(({ AssociationId }) => AssociationId === id);
  if (row === undefined) throw errors["InvalidAssociationID.NotFound"](`The association ID '${id}' does not exist`);
  const { AllocationId, PublicIp, Domain, NetworkBorderGroup, PublicIpv4Pool } = row;
  ctx.table(tables.addresses).put(AllocationId, { AllocationId, PublicIp, Domain, NetworkBorderGroup, PublicIpv4Pool });
  return {};
};
