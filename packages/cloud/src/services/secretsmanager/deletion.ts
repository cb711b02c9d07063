import type { Controller } from "../../kernel/service.ts";
import type { Secret } from "./model.ts";
import { saveVersions, tables } from "./store.ts";

/** Removes secrets when their recovery window has ended. */
export const deletion: Controller<Secret> = {
  name: "deletion",
  watches: [tables.secrets],
  keyOf: ({ value }) => (value?.deletion === undefined ? undefined : value.name),
  async reconcile(ctx, name) {
    const secret = ctx.table(tables.secrets).get(name);
    if (secret?.deletion === undefined) return;
    const { dueAt } = secret.deletion;
    if (ctx.now < dueAt) return { wakeAt: dueAt };
    ctx.transaction(() => {
      saveVersions(ctx, secret, []);
      ctx.table(tables.secrets).delete(name);
    });
  },
};
