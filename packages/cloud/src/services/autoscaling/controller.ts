import type { Context } from "../../kernel/context.ts";
import type { Controller } from "../../kernel/service.ts";
import { apply } from "./apply/apply.ts";
import { deleteGroupRows } from "./delete.ts";
import { plan } from "./plan/plan.ts";
import type { Seen } from "./plan/seen.ts";
import { currentRefresh, hooksOf, instancesOf, launchesOf, lookUpGroup, tables } from "./store.ts";

function observe(ctx: Context, name: string): Seen | undefined {
  const group = lookUpGroup(ctx, name);
  if (group === undefined) return undefined;
  return {
    group,
    instances: instancesOf(ctx, name),
    launches: launchesOf(ctx, name),
    hooks: hooksOf(ctx, name),
    refresh: currentRefresh(ctx, name),
  };
}

/** Keeps each group at what it is to be: observes, decides, does, until there is nothing to do. */
export const groups: Controller = {
  name: "groups",
  watches: [tables.groups, tables.instances, tables.launches, tables.refreshes],
  keyOf: ({ key }) => (Array.isArray(key) ? String(key[0]) : String(key)),
  async reconcile(ctx, name) {
    for (;;) {
      const turn = ctx.as({});
      const seen = observe(turn, name);
      if (seen === undefined || turn.signal.aborted) return undefined;
      const { steps, wakeAt } = plan(seen, turn.now);
      if (steps.length > 0) await Promise.all(steps.map((step) => apply(turn, name, step)));
      else if (seen.group.deleting && seen.instances.length === 0 && seen.launches.length === 0)
        return turn.transaction(() => deleteGroupRows(turn, seen.group));
      else return wakeAt === undefined ? undefined : { wakeAt };
    }
  },
};
