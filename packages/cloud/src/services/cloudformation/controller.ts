import type { Controller } from "../../kernel/service.ts";
import { advance } from "./engine/advance.ts";
import type { CustomRequest } from "./custom/request.ts";
import type { Operation, Stack } from "./model.ts";
import { tables } from "./store.ts";

/** Carries out what happens to stacks; after a restart it goes on where it was. */
export const operations: Controller<CustomRequest | Operation | Stack> = {
  name: "stack-operations",
  watches: [tables.operations, tables.stacks, tables.customRequests],
  keyOf({ table, value }) {
    if (value === undefined) return undefined;
    // A nested stack's parent waits for it.
    if (table === tables.stacks.name) return "parentId" in value ? value.parentId : undefined;
    return "stackId" in value ? value.stackId : undefined;
  },
  reconcile: (ctx, stackId) => advance(ctx, stackId),
};
