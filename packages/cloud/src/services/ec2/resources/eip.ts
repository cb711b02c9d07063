import type { Context } from "../../../kernel/context.ts";
import type { ResourceType } from "../../../kernel/resource.ts";
import { tagged, unlessGone } from "./resource-kit.ts";

interface AddressProperties {
  readonly InstanceId?: string;
}

async function byAllocation(ctx: Context, AllocationId: string) {
  const { Addresses: [address] = [] } = await ctx.call.ec2.describeAddresses({ AllocationIds: [AllocationId] });
  return address;
}

const byAllocationId = tagged<AddressProperties>({
  type: "elastic-ip",
  prefix: "eipalloc",
  gone: "InvalidAllocationID.NotFound",
  properties: ["Domain", "InstanceId", "NetworkBorderGroup", "Tags"],
  replacedBy: ["Domain", "NetworkBorderGroup"],
  async make(ctx, _properties, TagSpecifications) {
    return (await ctx.call.ec2.allocateAddress({ Domain: "vpc", TagSpecifications })).AllocationId;
  },
  async settle(ctx, AllocationId, { InstanceId }, previous) {
    const address = await byAllocation(ctx, AllocationId);
    if (InstanceId !== undefined && address?.InstanceId !== InstanceId)
      await ctx.call.ec2.associateAddress({ AllocationId, InstanceId });
    else if (InstanceId === undefined && previous?.InstanceId !== undefined && address?.AssociationId !== undefined)
      await ctx.call.ec2.disassociateAddress({ AssociationId: address.AssociationId });
  },
  async attributes(ctx, AllocationId) {
    return { AllocationId, PublicIp: (await byAllocation(ctx, AllocationId))?.PublicIp };
  },
  async remove(ctx, AllocationId) {
    const address = await byAllocation(ctx, AllocationId);
    if (address?.InstanceId !== undefined && address.AssociationId !== undefined)
      await ctx.call.ec2.disassociateAddress({ AssociationId: address.AssociationId });
    await ctx.call.ec2.releaseAddress({ AllocationId });
  },
});

/** The allocation of a physical id: an address, or the allocation itself where its creation was cut short. */
async function allocationOf(ctx: Context, id: string): Promise<string> {
  if (id.startsWith("eipalloc-")) return id;
  const { Addresses: [address] = [] } = await ctx.call.ec2.describeAddresses({ PublicIps: [id] });
  return address?.AllocationId ?? "";
}

/**
 * `Ref` gives the address itself.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-eip.html
 */
export const eip: ResourceType = {
  ...byAllocationId,
  async create(ctx, properties, request) {
    const outcome = await byAllocationId.create(ctx, properties, request);
    if (outcome.status !== "done") return outcome;
    return { ...outcome, id: String(outcome.attributes["PublicIp"]) };
  },
  async update(ctx, id, properties, previous, request) {
    const allocation = await allocationOf(ctx, id);
    const outcome = await byAllocationId.update?.(ctx, allocation, properties, previous, request);
    return outcome?.status === "done" ? { ...outcome, id } : { status: "failed", reason: `The address ${id} is gone.` };
  },
  async remove(ctx, id, properties, request) {
    await unlessGone("InvalidAddress.NotFound", async () =>
      byAllocationId.remove(ctx, await allocationOf(ctx, id), properties, request),
    );
    return { status: "done" };
  },
};
