import type { Controller } from "../../kernel/service.ts";
import { repositoryPath } from "./model.ts";
import type { Repository } from "./model.ts";
import { announceChanges, tables } from "./store.ts";

/** Finds, at start, the pushes that Trysail was killed in the middle of: git has moved the refs, nobody was told. */
export const announcing: Controller<Repository> = {
  name: "announcing",
  watches: [tables.repositories],
  keyOf: ({ value }) => value?.id,
  async reconcile(ctx, id) {
    if (await ctx.host.git.exists(repositoryPath(ctx, { id }))) await announceChanges(ctx, id);
  },
};
