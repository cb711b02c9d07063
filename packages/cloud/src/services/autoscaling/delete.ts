import type { Context } from "../../kernel/context.ts";
import type { Table } from "../../store/table.ts";
import type { Group } from "./model/group.ts";
import { tables } from "./store.ts";

/** Forgets a group and all that belongs to it. Its activities can still be asked for. Inside a transaction. */
export function deleteGroupRows(ctx: Context, { name }: Group): void {
  ctx.table(tables.groups).delete(name);
  clear(ctx.table(tables.hooks), name);
  clear(ctx.table(tables.notifications), name);
  clear(ctx.table(tables.policies), name);
  clear(ctx.table(tables.refreshes), name);
  clear(ctx.table(tables.scheduledActions), name);
}

function clear<K extends readonly [string, string | number]>(rows: Table<K, unknown>, group: string): void {
  for (const key of Array.from(rows.keys({ prefix: [group] }))) rows.delete(key);
}
