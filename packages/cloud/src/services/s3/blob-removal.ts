import type { Millis } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import type { Controller } from "../../kernel/service.ts";
import type { BlobId } from "../../store/blobs.ts";
import { bodyGraceMs } from "./limits.ts";
import { tables } from "./store.ts";

/**
 * Deletes the blobs of objects that are gone, a while after: by then the loss of their names is on disk, and whoever
 * was reading them has opened them.
 */
export const blobRemoval: Controller = {
  name: "blob-removal",
  watches: [tables.doomedBlobs],
  keyOf: ({ value }) => (value === undefined ? undefined : "all"),
  async reconcile(ctx) {
    const doomed = ctx.table(tables.doomedBlobs);
    for (const [since, id] of dueBefore(ctx, ctx.now - bodyGraceMs)) {
      await ctx.host.blobs.delete(id);
      ctx.transaction(() => doomed.delete([since, id]));
    }
    for (const [since] of doomed.keys()) return { wakeAt: since + bodyGraceMs };
  },
};

function* dueBefore(ctx: Context, latest: Millis): Generator<[since: Millis, blob: BlobId]> {
  for (const key of ctx.table(tables.doomedBlobs).keys()) {
    if (key[0] > latest) return;
    yield key;
  }
}

/** Whether some object or part is made of this blob. What is not is swept at start. */
export function namesBlob(ctx: Context, id: BlobId): boolean {
  return ctx.table(tables.namedBlobs).has(id);
}
