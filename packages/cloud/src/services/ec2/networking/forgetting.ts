import type { Controller } from "../../../kernel/service.ts";
import { kinds } from "../kinds.ts";
import type { NatGatewayRow } from "../model.ts";
import { tables } from "../store.ts";
import { removeWithTags } from "./removing.ts";

/** Forgets deleted NAT gateways when nobody needs to be told of them any more. */
export const forgetting: Controller<NatGatewayRow> = {
  name: "forgetting",
  watches: [tables.natGateways],
  keyOf: ({ value }) => (value?.forgetAt === undefined ? undefined : value.NatGatewayId),
  async reconcile(ctx, id) {
    const forgetAt = ctx.table(tables.natGateways).get(id)?.forgetAt;
    if (forgetAt === undefined) return;
    if (ctx.now < forgetAt) return { wakeAt: forgetAt };
    ctx.transaction(() => removeWithTags(ctx, kinds.natGateway, id));
  },
};
