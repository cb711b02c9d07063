import { PutEventsCommand, type EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { TrysailError } from "@trysail/core";
import type { RolloutEvent } from "../store/model.ts";

/** Of all events of rollouts. */
export const eventSource = "trysail.rollouts";
/** AWS's limit on a call. */
const mostEntries = 10;

/** @throws TrysailError `events-not-taken` if EventBridge did not take all */
export async function tellEvents(client: EventBridgeClient, events: readonly RolloutEvent[]): Promise<void> {
  for (let from = 0; from < events.length; from += mostEntries) {
    const batch = events.slice(from, from + mostEntries);
    const { FailedEntryCount = 0, Entries = [] } = await client.send(
      new PutEventsCommand({
        Entries: batch.map(({ at, type, text, detail }) => ({
          Source: eventSource,
          DetailType: type,
          Time: new Date(at),
          Detail: JSON.stringify({ ...detail, text }),
        })),
      }),
    );
    if (FailedEntryCount > 0) {
      const reason =
        Entries.find(({ ErrorMessage }) => ErrorMessage !== undefined)?.ErrorMessage ?? "no reason is told";
      throw new TrysailError(
        "events-not-taken",
        `EventBridge has not taken ${FailedEntryCount} of ${batch.length} events: ${reason}`,
      );
    }
  }
}
