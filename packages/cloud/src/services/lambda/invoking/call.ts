import type { Context } from "../../../kernel/context.ts";
import { errors } from "../errors.ts";
import { execute, loadOf } from "../execution/fleet.ts";
import type { Invocation, Outcome } from "../execution/outcome.ts";
import { concurrencyMeasurements, invocationMeasurements, throttleMeasurement } from "../measurements.ts";
import { versionText } from "../model.ts";
import type { Version } from "../model.ts";
import { findFunction, findVersion, tables } from "../store.ts";
import { throttled } from "./admission.ts";

/** Randomness of 32 bits, from 0 up to, and not including, 1. */
export function draw(ctx: Context): number {
  return ctx.ids.bytes(4).readUInt32BE() / 2 ** 32;
}

/**
 * Calls a function, and waits for its answer.
 *
 * @throws AwsError `TooManyRequestsException`, `ResourceNotFoundException`
 */
export async function call(
  ctx: Context,
  name: string,
  qualifier: string | undefined,
  invocation: Invocation,
): Promise<{ readonly outcome: Outcome; readonly version: Version }> {
  const version = findVersion(ctx, name, qualifier, draw(ctx));
  const { reservedConcurrency: reserved } = findFunction(ctx, name);
  const { ofFunction, ofRegion } = loadOf(ctx, name);
  const Reason = throttled({
    reserved,
    ofFunction,
    unreserved: ofRegion,
    reservedByOthers: () => reservedConcurrency(ctx),
  });
  const called = { name, qualifier, executed: versionText(version.number) };
  if (Reason !== undefined) {
    ctx.measure(throttleMeasurement(called));
    throw errors.TooManyRequestsException("Rate Exceeded.", { Reason, Type: "User" });
  }
  for (const measurement of concurrencyMeasurements(name, { ofFunction: ofFunction + 1, ofRegion: ofRegion + 1 }))
    ctx.measure(measurement);
  const outcome = await execute(ctx, version, invocation);
  const ended = ctx.as({});
  for (const measurement of invocationMeasurements(called, outcome)) ended.measure(measurement);
  return { outcome, version };
}

/** What all functions of the region have reserved. */
export function reservedConcurrency(ctx: Context): number {
  let sum = 0;
  for (const { reservedConcurrency: reserved = 0 } of ctx.table(tables.functions).values()) sum += reserved;
  return sum;
}
