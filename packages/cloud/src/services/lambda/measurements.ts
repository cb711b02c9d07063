import type { Millis } from "@trysail/core";
import type { Dimensions, Measurement } from "../../kernel/measurement.ts";
import type { Outcome } from "./execution/outcome.ts";
import type { PendingEvent } from "./invoking/pending-event.ts";

/** What was called, and what that led to. */
export interface Called {
  readonly name: string;
  /** A version or an alias, where one was given. */
  readonly qualifier: string | undefined;
  /** The version's number, or `$LATEST`. */
  readonly executed: string;
}

const namespace = "AWS/Lambda";

const resourceOf = (name: string, qualifier: string | undefined) =>
  qualifier === undefined ? name : `${name}:${qualifier}`;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html */
function seriesOf({ name: FunctionName, qualifier, executed }: Called): readonly Dimensions[] {
  const Resource = resourceOf(FunctionName, qualifier);
  const isAlias = qualifier !== undefined && qualifier !== executed;
  return [
    {},
    { FunctionName },
    { FunctionName, Resource },
    ...(isAlias ? [{ FunctionName, Resource, ExecutedVersion: executed }] : []),
  ];
}

/**
 * An invocation that has ended.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
export function invocationMeasurements(called: Called, { status, durationMs }: Outcome): readonly Measurement[] {
  const series = seriesOf(called);
  const count = (name: string, value: number): Measurement => ({
    namespace,
    name,
    unit: "Count",
    series,
    values: [value],
  });
  return [
    count("Invocations", 1),
    count("Errors", status === "failed" ? 1 : 0),
    count("Throttles", 0),
    { namespace, name: "Duration", unit: "Milliseconds", series, values: [durationMs] },
  ];
}

/** An invocation that was refused. It is none of `Invocations`. */
export function throttleMeasurement(called: Called): Measurement {
  return { namespace, name: "Throttles", unit: "Count", series: seriesOf(called), values: [1] };
}

/** How many invocations run, with one that begins: of the function, and of the region. */
export function concurrencyMeasurements(
  name: string,
  running: { readonly ofFunction: number; readonly ofRegion: number },
): readonly Measurement[] {
  const measure = (series: Dimensions, value: number): Measurement => ({
    namespace,
    name: "ConcurrentExecutions",
    unit: "Count",
    series: [series],
    values: [value],
  });
  return [measure({ FunctionName: name }, running.ofFunction), measure({}, running.ofRegion)];
}

/** An event that was left for its function, by the version or alias that it was left for. */
type Left = Pick<PendingEvent, "functionName" | "qualifier">;

const seriesOfEvent = ({ functionName, qualifier }: Left): readonly Dimensions[] => [
  {},
  { FunctionName: functionName },
  { FunctionName: functionName, Resource: resourceOf(functionName, qualifier) },
];

/** What becomes of an event that was left for its function. */
export function eventMeasurement(
  event: Left,
  name: "AsyncEventsReceived" | "AsyncEventsDropped" | "DeadLetterErrors" | "DestinationDeliveryFailures",
): Measurement {
  return { namespace, name, unit: "Count", series: seriesOfEvent(event), values: [1] };
}

/**
 * How long an event has waited when it is handed to its function: at each attempt, so that the age of one that fails
 * or finds no room grows.
 */
export function eventAgeMeasurement(event: Left & Pick<PendingEvent, "receivedAt">, now: Millis): Measurement {
  const values = [Math.max(0, now - event.receivedAt)];
  return { namespace, name: "AsyncEventAge", unit: "Milliseconds", series: seriesOfEvent(event), values };
}
