import type { Context } from "../../kernel/context.ts";
import { announceMovedRefs } from "../../runtime/git/reference-changes.ts";
import type { AnnouncedRefs } from "../../runtime/git/reference-changes.ts";
import { table } from "../../store/table.ts";
import { pushEvents, repositoryPath } from "./model.ts";
import type { Repository } from "./model.ts";

/** By key of the name. One for all accounts and regions, as `owner/name` is the same repository for every AWS account. */
export const tables = {
  repositories: table<string, Repository>("repositories", "partition"),
  announced: table<string, AnnouncedRefs>("announced", "partition"),
};

/** Emits what has been pushed and not been told of yet. @param key - of the repository's name */
export async function announcePushes(ctx: Context, key: string): Promise<void> {
  const { name = key } = ctx.table(tables.repositories).get(key) ?? {};
  const readRefs = async () => (await ctx.host.git.refs(repositoryPath(name))).refs;
  await announceMovedRefs(ctx, ctx.table(tables.announced), key, readRefs, (updates) => {
    for (const event of pushEvents(name, updates)) ctx.emit(event);
  });
}
