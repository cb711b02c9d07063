import type { Controller } from "../../kernel/service.ts";
import { keyOf, repositoryPath } from "./model.ts";
import type { Repository } from "./model.ts";
import { announcePushes, tables } from "./store.ts";

/** Finds, at start, the pushes that Trysail was killed in the middle of: git has moved the refs, nobody was told. */
export const announcing: Controller<Repository> = {
  name: "announcing",
  watches: [tables.repositories],
  keyOf: ({ value }) => value && keyOf(value.name),
  async reconcile(ctx, key) {
    const isServed = ctx.table(tables.repositories).has(key) && (await ctx.host.git.exists(repositoryPath(key)));
    if (isServed) await announcePushes(ctx, key);
  },
};
