import type { Controller } from "../../../kernel/service.ts";
import { tables } from "../store.ts";
import { followStream } from "./discovery.ts";
import type { EventSourceMapping } from "./model.ts";
import { forgetReader } from "./reader.ts";

/** How often a stream is looked for that is not there. */
const lookAgainMs = 60_000;

/** Brings mappings out of their passing states, and finds the streams that they follow. */
export const mappings: Controller<EventSourceMapping> = {
  name: "event-source-mappings",
  watches: [tables.eventSourceMappings],
  keyOf: ({ key, value }) => (value === undefined ? undefined : String(key)),
  async reconcile(ctx, id) {
    const rows = ctx.table(tables.eventSourceMappings);
    const mapping = rows.get(id);
    if (mapping === undefined) return undefined;
    const progress = ctx.table(tables.shardProgress);
    switch (mapping.state) {
      case "Deleting":
        ctx.transaction(() => {
          for (const key of Array.from(progress.keys({ prefix: [id] }))) {
            progress.delete(key);
            forgetReader(ctx, mapping, key[1]);
          }
          rows.delete(id);
        });
        return undefined;
      case "Enabled":
      case "Disabled":
        if (mapping.state === "Disabled" || mapping.streamId !== undefined) return undefined;
        return (await followStream(ctx, mapping)) ? undefined : { wakeAt: ctx.now + lookAgainMs };
      case "Creating":
      case "Enabling":
      case "Disabling":
      case "Updating":
        ctx.transaction(() => {
          rows.put(id, { ...mapping, state: mapping.isEnabled ? "Enabled" : "Disabled" });
          // Written as they are: what follows the shards looks at the settings anew.
          for (const [key, shard] of Array.from(progress.entries({ prefix: [id] })))
            if (!shard.isDone) progress.put(key, shard);
        });
        return undefined;
    }
  },
};
