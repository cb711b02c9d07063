import { parseAccountId, parseRegion } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Measurement } from "../../../kernel/measurement.ts";
import type { Outcome } from "../execution/outcome.ts";
import { eventMeasurement } from "../measurements.ts";
import { functionArn } from "../names.ts";
import { findVersion, tables } from "../store.ts";
import { draw } from "./call.ts";
import { destinationKind } from "./destination-kinds.ts";
import type { PendingEvent } from "./pending-event.ts";

/** How an event has ended. */
export interface EventEnd {
  readonly condition: "Success" | "RetriesExhausted" | "EventAgeExceeded";
  /** Of the last attempt; undefined if there was no room for it. */
  readonly outcome: Outcome | undefined;
  /** The version that has handled it. */
  readonly executed: string | undefined;
}

/** The error's text that a topic for dead letters is told at the most. */
const longestErrorBytes = 1024;

/** The invocation's record. @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function recordOf(ctx: Context, event: PendingEvent, { condition, outcome, executed }: EventEnd): object {
  return {
    version: "1.0",
    timestamp: new Date(ctx.now).toISOString(),
    requestContext: {
      requestId: event.requestId,
      functionArn: functionArn(ctx, event.functionName, event.qualifier ?? "$LATEST"),
      condition,
      approximateInvokeCount: event.failures + (outcome === undefined ? 0 : 1),
    },
    requestPayload: JSON.parse(Buffer.from(event.payload).toString()) as unknown,
    ...(outcome !== undefined && {
      responseContext: {
        statusCode: 200,
        executedVersion: executed,
        ...(outcome.status === "failed" && { functionError: "Unhandled" }),
      },
      responsePayload: JSON.parse(outcome.payload.toString()) as unknown,
    }),
  };
}

/** Tells an event's destination, and the function's topic for dead letters, how it has ended. */
export async function tellDestinations(ctx: Context, event: PendingEvent, end: EventEnd): Promise<void> {
  const { functionName, qualifier } = event;
  const config = ctx.table(tables.eventInvokeConfigs).get([functionName, qualifier ?? "$LATEST"]);
  const { OnSuccess, OnFailure } = config?.DestinationConfig ?? {};
  const target = (end.condition === "Success" ? OnSuccess : OnFailure)?.Destination;
  if (target !== undefined)
    await unlessRefused(ctx, target, eventMeasurement(event, "DestinationDeliveryFailures"), (there) =>
      tell(there, target, event, end),
    );
  if (end.condition === "Success") return;
  const letters = deadLetterTopic(ctx, event);
  if (letters !== undefined)
    await unlessRefused(ctx, letters, eventMeasurement(event, "DeadLetterErrors"), (there) =>
      tellDeadLetter(there, letters, event, end.outcome),
    );
}

function deadLetterTopic(ctx: Context, { functionName, qualifier }: PendingEvent): string | undefined {
  try {
    return findVersion(ctx, functionName, qualifier, draw(ctx)).deadLetterTopic;
  } catch (error) {
    // It was deleted while the event was handled.
    if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    return undefined;
  }
}

/** A destination that cannot be told is no reason to handle the event once more. */
async function unlessRefused(
  ctx: Context,
  target: string,
  failure: Measurement,
  work: (there: Context) => Promise<void>,
): Promise<void> {
  const [, , , region = "", account = ""] = target.split(":");
  const there = ctx.as({ region: parseRegion(region) ?? ctx.region, account: parseAccountId(account) ?? ctx.account });
  try {
    await work(there);
  } catch (error) {
    if (!isAwsError(error)) throw error;
    ctx.measure(failure);
    ctx.log.warn("a function's destination cannot be told", { target, error: error.message });
  }
}

async function tell(there: Context, target: string, event: PendingEvent, end: EventEnd): Promise<void> {
  const { call } = there;
  const record = JSON.stringify(recordOf(there, event, end));
  switch (destinationKind(target)) {
    case "topic":
      await call.sns.publish({ TopicArn: target, Message: record });
      return;
    case "bus": {
      const { Entries: [entry] = [] } = await call.events.putEvents({
        Entries: [
          {
            Source: "lambda",
            DetailType: `Lambda Function Invocation Result - ${end.condition === "Success" ? "Success" : "Failure"}`,
            Detail: record,
            Resources: [event.arn, target],
            EventBusName: target,
          },
        ],
      });
      if (entry?.ErrorMessage !== undefined)
        there.log.warn("a function's destination cannot be told", { target, error: entry.ErrorMessage });
      return;
    }
    case "function":
      await call.lambda.invoke({ FunctionName: target, InvocationType: "Event", Payload: Buffer.from(record) });
      return;
    case undefined:
      throw new Error(`Trysail cannot tell ${target} of events`);
  }
}

/** The event itself, with what went wrong. @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
async function tellDeadLetter(
  there: Context,
  topic: string,
  event: PendingEvent,
  outcome: Outcome | undefined,
): Promise<void> {
  const { errorMessage = "" } = JSON.parse(outcome?.payload.toString() ?? "{}") as { readonly errorMessage?: string };
  const error = Buffer.from(errorMessage).subarray(0, longestErrorBytes).toString();
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  await there.call.sns.publish({
    TopicArn: topic,
    Message: Buffer.from(event.payload).toString(),
    MessageAttributes: {
      RequestID: text(event.requestId),
      // 429 is what there was no room for.
      ErrorCode: { DataType: "Number", StringValue: outcome === undefined ? "429" : "200" },
      ...(error !== "" && { ErrorMessage: text(error) }),
    },
  });
}
