import type { Controller } from "../../kernel/service.ts";
import { dayMs, expiryOf } from "./model.ts";
import type { LogGroup } from "./model.ts";
import { streamsOf, tables } from "./store.ts";

/** Drops expired lines from the disk once a day. What reads lines leaves out expired ones from the moment on that they expire. */
export const retention: Controller<LogGroup> = {
  name: "retention",
  watches: [tables.groups],
  keyOf: ({ value }) => (value?.retentionDays === undefined ? undefined : value.name),
  async reconcile(ctx, name) {
    const group = ctx.table(tables.groups).get(name);
    if (group?.retentionDays === undefined) return;
    const before = expiryOf(group, ctx.now);
    for (const { segments, firstEventAt } of streamsOf(ctx, name)) {
      if (firstEventAt !== undefined && firstEventAt < before) await ctx.host.logSegments.dropBefore(segments, before);
    }
    return { wakeAt: ctx.now + dayMs };
  },
};
