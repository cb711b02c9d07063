import type { ThrottleReason } from "@aws-sdk/client-lambda";
import { limits } from "../limits.ts";

/** What decides whether one more invocation may begin. */
export interface Demand {
  readonly reserved: number | undefined;
  /** Invocations of the function that are running. */
  readonly ofFunction: number;
  /** Invocations of functions without a reservation that are running, at most. */
  readonly unreserved: number;
  /** What all reservations of the region take, as far as it matters. */
  readonly reservedByOthers: () => number;
}

/**
 * Why an invocation is throttled; undefined if it is not.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
export function throttled({ reserved, ofFunction, unreserved, reservedByOthers }: Demand): ThrottleReason | undefined {
  if (reserved !== undefined)
    return ofFunction >= reserved ? "ReservedFunctionConcurrentInvocationLimitExceeded" : undefined;
  // Less than what is never reserved is always there.
  if (unreserved < limits.unreservedConcurrency) return undefined;
  return unreserved >= limits.concurrentExecutions - reservedByOthers()
    ? "ConcurrentInvocationLimitExceeded"
    : undefined;
}
