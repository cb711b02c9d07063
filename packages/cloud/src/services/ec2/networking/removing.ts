import type { Context } from "../../../kernel/context.ts";
import type { Kind } from "../kinds.ts";
import { deleteTags } from "../tags.ts";

/** Removes a resource with its tags. Only inside of a transaction. */
export function removeWithTags<V>(ctx: Context, { table }: Kind<V>, id: string): void {
  ctx.table(table).delete(id);
  deleteTags(ctx, id);
}
