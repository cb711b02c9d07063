import type { Context } from "../../../kernel/context.ts";
import { kinds } from "../kinds.ts";
import { newId } from "../resources-of-kind.ts";
import { tables } from "../store.ts";
import { zonesOf } from "../zones.ts";
import type { Block } from "./cidr.ts";
import { parseBlock } from "./cidr.ts";
import { attachmentTo, makeSubnet, makeVpc } from "./making.ts";

const defaultBlock = "172.31.0.0/16";
const subnetBits = 20;

/** Gives the account its default VPC in the region, once: one that was deleted does not come back by itself. */
export function ensureDefaultVpc(ctx: Context): void {
  if (ctx.table(tables.prepared).has("default-vpc")) return;
  ctx.transaction(() => {
    ctx.table(tables.prepared).put("default-vpc", true);
    makeDefaultVpc(ctx);
  });
}

/**
 * A VPC with a public subnet in each zone, and a way out.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
 */
export function makeDefaultVpc(ctx: Context) {
  const block = parseBlock(defaultBlock) as Block;
  const vpc = makeVpc(ctx, block, { isDefault: true, tags: [] });
  for (const [place, zone] of zonesOf(ctx.region).entries()) {
    const first = block.first + place * 2 ** (32 - subnetBits);
    makeSubnet(ctx, { VpcId: vpc.VpcId, block: { first, bits: subnetBits }, zone, isDefault: true });
  }
  const InternetGatewayId = newId(ctx, kinds.internetGateway);
  ctx.table(tables.internetGateways).put(InternetGatewayId, {
    InternetGatewayId,
    OwnerId: ctx.account,
    Attachments: [attachmentTo(vpc.VpcId)],
  });
  const routeTables = ctx.table(tables.routeTables);
  const main = [...routeTables.values()].find(({ VpcId }) => VpcId === vpc.VpcId);
  if (main !== undefined) {
    const wayOut = {
      DestinationCidrBlock: "0.0.0.0/0",
      GatewayId: InternetGatewayId,
      Origin: "CreateRoute",
      State: "active",
    } as const;
    routeTables.put(main.RouteTableId, { ...main, Routes: [...main.Routes, wayOut] });
  }
  return vpc;
}

/** The account's default VPC; undefined if it was deleted. */
export function defaultVpc(ctx: Context) {
  return [...ctx.table(tables.vpcs).values()].find(({ IsDefault }) => IsDefault);
}
