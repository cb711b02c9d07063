import type { Controller } from "../../kernel/service.ts";
import type { Key } from "./model.ts";
import { saveKey, tables } from "./store.ts";

const dayMs = 86_400_000;

/** Removes keys whose waiting period has ended, and rotates those that are due. */
export const upkeep: Controller<Key> = {
  name: "upkeep",
  watches: [tables.keys],
  keyOf: ({ value }) =>
    value !== undefined && (value.deletionDueAt ?? value.rotation) !== undefined ? value.id : undefined,
  async reconcile(ctx, id) {
    const key = ctx.table(tables.keys).get(id);
    if (key === undefined) return undefined;
    if (key.deletionDueAt !== undefined) {
      if (ctx.now < key.deletionDueAt) return { wakeAt: key.deletionDueAt };
      ctx.transaction(() => {
        ctx.table(tables.keys).delete(id);
        const aliases = ctx.table(tables.aliases);
        for (const alias of [...aliases.values()].filter(({ keyId }) => keyId === id)) aliases.delete(alias.name);
      });
      return undefined;
    }
    if (key.rotation === undefined) return undefined;
    const { nextAt, periodDays } = key.rotation;
    if (ctx.now < nextAt) return { wakeAt: nextAt };
    const material = { bytes: ctx.ids.bytes(32), createdAt: ctx.now, onDemand: false };
    ctx.transaction(() =>
      saveKey(ctx, {
        ...key,
        materials: [...key.materials, material],
        rotation: { periodDays, nextAt: nextAt + periodDays * dayMs },
      }),
    );
    return undefined;
  },
};
