import type { Context } from "../../kernel/context.ts";
import type { Controller } from "../../kernel/service.ts";
import { at, desiredChange } from "./model/causes.ts";
import { isSuspended } from "./model/group.ts";
import { nextRun, sizesAfter } from "./model/scheduled-action.ts";
import type { ScheduledAction } from "./model/scheduled-action.ts";
import { lookUpGroup, putGroup, tables } from "./store.ts";

/** Carries out scheduled actions when their time has come. */
export const scheduling: Controller<ScheduledAction> = {
  name: "scheduling",
  watches: [tables.scheduledActions],
  keyOf: ({ value }) => (value === undefined ? undefined : JSON.stringify([value.group, value.name])),
  async reconcile(ctx, key) {
    const action = ctx.table(tables.scheduledActions).get(JSON.parse(key) as [string, string]);
    if (action === undefined) return;
    if (ctx.now < action.nextAt) return { wakeAt: action.nextAt };
    ctx.transaction(() => carryOut(ctx, action));
  },
};

/** An action whose time has passed while Trysail was down is carried out once. */
function carryOut(ctx: Context, action: ScheduledAction): void {
  const rows = ctx.table(tables.scheduledActions);
  const next = nextRun(action, ctx.now);
  if (next === undefined) rows.delete([action.group, action.name]);
  else rows.put([action.group, action.name], { ...action, nextAt: next });
  const group = lookUpGroup(ctx, action.group);
  if (group === undefined || group.deleting || isSuspended(group, "ScheduledActions")) return;
  const { changes, ...sizes } = sizesAfter(action, group);
  if (changes.length === 0) return;
  const told = at(ctx.now, desiredChange.scheduled(action.name, changes));
  putGroup(ctx, { ...group, ...sizes, changes: [...group.changes, told] });
}
