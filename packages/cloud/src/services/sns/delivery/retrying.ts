import type { Millis } from "@trysail/core";
import type { Protocol } from "../model.ts";

/** How an attempt has ended. What the receiver refuses for good is not tried again. */
export type Attempt = "delivered" | "failed" | "refused";

/** What an answer's status means: 429 and faults of the server's are tried again. */
export function attemptOf(status: number): Attempt {
  if (status >= 200 && status < 300) return "delivered";
  return status >= 300 && status < 500 && status !== 429 ? "refused" : "failed";
}

const secondMs = 1000;
const longestMs = 20 * secondMs;

/**
 * When a message that has failed so often is sent again; undefined when it is given up.
 *
 * HTTP endpoints, unless their topic says something else, get three more attempts, 20 seconds apart. Services of AWS's
 * own get 100,015: three at once, two a second apart, ten with a back-off up to 20 seconds, and the others 20 seconds
 * apart.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
export function nextAttempt(protocol: Protocol, failures: number, now: Millis): Millis | undefined {
  if (protocol !== "lambda") return failures <= 3 ? now + longestMs : undefined;
  if (failures <= 3) return now;
  if (failures <= 5) return now + secondMs;
  if (failures <= 15) return now + Math.min(longestMs, secondMs * 2 ** (failures - 6));
  return failures <= 100_015 ? now + longestMs : undefined;
}
