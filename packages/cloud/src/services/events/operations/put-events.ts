import type { PutEventsRequestEntry, PutEventsResultEntry } from "@aws-sdk/client-eventbridge";
import type { Context, DeliveredEvent } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { remember } from "../delivery/bus.ts";
import { route } from "../delivery/route.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { busName, findBus, tables } from "../store.ts";
import { defaultBus } from "../model.ts";

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const limits = { entries: 10, bytes: 1024 * 1024 } as const;

type Read =
  | { readonly event: DeliveredEvent; readonly bus: string }
  | { readonly code: string; readonly message: string };

/** Each entry by itself: those that are wrong are told, the others go on. @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export const putEvents: Handler<Sdk, "putEvents"> = (ctx, input) => {
  const { Entries: entries } = input;
  if (input.EndpointId !== undefined)
    throw errors.ValidationException("Trysail has no global endpoints: leave out EndpointId.");
  if (entries.length === 0 || entries.length > limits.entries)
    throw errors.ValidationException(
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to ${limits.entries}, and at least 1`,
    );
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > limits.bytes)
    throw errors.ValidationException("Total size of the entries in the request is over the limit.");
  const results = entries.map((entry): PutEventsResultEntry => {
    const read = readEntry(ctx, entry);
    if ("code" in read) return { ErrorCode: read.code, ErrorMessage: read.message };
    remember(ctx, read.event);
    route(ctx, read.bus, read.event);
    return { EventId: read.event.id };
  });
  return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries: results };
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
function sizeOf({ Time, Source = "", DetailType = "", Detail = "", Resources = [] }: PutEventsRequestEntry): number {
  return (Time === undefined ? 0 : 14) + Buffer.byteLength([Source, DetailType, Detail, ...Resources].join(""));
}

function readEntry(ctx: Context, entry: PutEventsRequestEntry): Read {
  const { Source: source = "", DetailType: detailType = "", Detail: text, Resources, Time, EventBusName } = entry;
  const refuse = (message: string, code = "InvalidArgument") => ({ code, message });
  if (source === "") return refuse("Parameter Source is not valid. Reason: Source is a required argument.");
  if (detailType === "") return refuse("Parameter DetailType is not valid. Reason: DetailType is a required argument.");
  if (text === undefined || text === "")
    return refuse("Parameter Detail is not valid. Reason: Detail is a required argument.");
  if (source.startsWith("aws.")) return refuse("Not authorized for the source.", "NotAuthorizedForSourceException");
  let detail: unknown;
  try {
    detail = JSON.parse(text);
  } catch {
    return refuse("Detail is malformed.", "MalformedDetail");
  }
  if (typeof detail !== "object" || detail === null || Array.isArray(detail))
    return refuse("Detail is malformed.", "MalformedDetail");
  const name = busName(EventBusName);
  // An event for a bus that there is not is taken, and goes nowhere, as AWS has it.
  const bus = name === defaultBus || ctx.table(tables.buses).has(name) ? findBus(ctx, name).name : name;
  const event: DeliveredEvent = {
    id: ctx.ids.uuid(),
    source,
    detailType,
    time: Time?.getTime() ?? ctx.now,
    account: ctx.account,
    region: ctx.region,
    resources: Resources ?? [],
    detail: detail as Readonly<Record<string, unknown>>,
  };
  return { event, bus };
}
