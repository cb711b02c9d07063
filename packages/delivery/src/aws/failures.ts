import { codeOf, messageOf, type Millis } from "@trysail/core";
import type { Unreachable } from "../plan/model.ts";
import type { Applied } from "../run/port.ts";

/**
 * What a call that failed means to a rollout.
 *
 * - `throttled`, `down`: it may go by itself
 * - `denied`: somebody must give a permission
 * - `refused`: repeating it is of no use
 */
export type FailureKind = "throttled" | "down" | "denied" | "refused";

export interface Failure {
  readonly kind: FailureKind;
  /** AWS's, or Node's. */
  readonly code: string;
  readonly message: string;
  /** What to do, as a sentence. */
  readonly next: string | undefined;
}

const kinds: Readonly<Record<string, FailureKind>> = {
  Throttling: "throttled",
  ThrottlingException: "throttled",
  ThrottledException: "throttled",
  RequestLimitExceeded: "throttled",
  RequestThrottled: "throttled",
  TooManyRequestsException: "throttled",
  // Auto Scaling: another change of the same group goes on.
  ScalingActivityInProgress: "throttled",
  ScalingActivityInProgressFault: "throttled",
  ResourceContention: "throttled",
  ResourceContentionFault: "throttled",
  ResourceInUse: "throttled",
  ResourceInUseException: "throttled",
  ECONNREFUSED: "down",
  ECONNRESET: "down",
  EPIPE: "down",
  ENOTFOUND: "down",
  EAI_AGAIN: "down",
  EHOSTUNREACH: "down",
  ENETUNREACH: "down",
  ETIMEDOUT: "down",
  TimeoutError: "down",
  ServiceUnavailable: "down",
  ServiceUnavailableException: "down",
  InternalFailure: "down",
  InternalError: "down",
  InternalServerError: "down",
  AccessDenied: "denied",
  AccessDeniedException: "denied",
  UnauthorizedOperation: "denied",
  UnrecognizedClientException: "denied",
  InvalidClientTokenId: "denied",
  ExpiredToken: "denied",
  ExpiredTokenException: "denied",
  CredentialsProviderError: "denied",
};

const serverFaults = 500;

/** What was thrown by an SDK client, and what it means. */
export function failureOf(error: unknown): Failure {
  const code = nameOf(error);
  const message = messageOf(error);
  const known = kinds[code] ?? kinds[codeOf(error) ?? ""];
  const kind = known ?? (statusOf(error) >= serverFaults ? "down" : "refused");
  return {
    kind,
    code: kinds[code] === undefined ? (codeOf(error) ?? code) : code,
    message: texts[kind](code, message),
    next: nexts[kind],
  };
}

const texts: Readonly<Record<FailureKind, (code: string, message: string) => string>> = {
  throttled: (code, message) => `AWS asks for fewer calls (${code}): ${message}`,
  down: (code, message) => `The region does not answer (${code}): ${message}`,
  denied: (code, message) => `Access is denied (${code}): ${message}`,
  refused: (code, message) => `${code}: ${message}`,
};

const nexts: Readonly<Record<FailureKind, string | undefined>> = {
  throttled: undefined,
  down: undefined,
  denied: "Give the worker's role the permission that is named; docs/rollouts.md lists all that it needs.",
  refused: undefined,
};

/** What an observation that failed says. */
export function unreachable(error: unknown, at: Millis): Unreachable {
  const { kind, code, message, next } = failureOf(error);
  const isTransient = kind === "throttled" || kind === "down";
  return { kind: "unreachable", at, code, message: next === undefined ? message : `${message} ${next}`, isTransient };
}

/** What a change that failed says. */
export function notApplied(error: unknown): Applied {
  const { kind, code, message, next } = failureOf(error);
  return kind === "throttled" || kind === "down"
    ? { kind: "later", message }
    : { kind: "refused", code, message, next };
}

/** Whether AWS has said one of these codes, such as `ValidationError`. */
export const isNamed = (error: unknown, ...names: readonly string[]): boolean => names.includes(nameOf(error));

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "Error";
}

function statusOf(error: unknown): number {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return 0;
  const { $metadata } = error as { readonly $metadata: { readonly httpStatusCode?: number } | undefined };
  return $metadata?.httpStatusCode ?? 0;
}
