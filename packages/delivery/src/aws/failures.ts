import { codeOf, messageOf, TrysailError, type Millis } from "@trysail/core";
import type { Unreachable } from "../plan/model.ts";
import type { Applied } from "../run/port.ts";

/**
 * What a call that failed means to a rollout.
 *
 * - `throttled`, `busy`, `down`: it may go by itself
 * - `denied`: somebody must give a permission
 * - `quota`: somebody must ask AWS for more, or delete something
 * - `refused`: repeating it is of no use
 */
export type FailureKind = "throttled" | "busy" | "down" | "denied" | "quota" | "refused";

export interface Failure {
  readonly kind: FailureKind;
  /** AWS's, Node's, or one of ours. */
  readonly code: string;
  readonly message: string;
  /** What to do, as a sentence. */
  readonly next: string | undefined;
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const kinds: Readonly<Record<string, FailureKind>> = {
  Throttling: "throttled",
  ThrottlingException: "throttled",
  ThrottledException: "throttled",
  RequestLimitExceeded: "throttled",
  RequestThrottled: "throttled",
  RequestThrottledException: "throttled",
  TooManyRequestsException: "throttled",
  SlowDown: "throttled",
  // Another change of the same group goes on.
  ScalingActivityInProgress: "busy",
  ScalingActivityInProgressFault: "busy",
  ResourceContention: "busy",
  ResourceContentionFault: "busy",
  ResourceInUse: "busy",
  ResourceInUseException: "busy",
  ResourceInUseFault: "busy",
  OperationInProgress: "busy",
  "still-deleting": "busy",
  "family-busy": "busy",
  // An instance has died since it was looked at.
  InvalidTarget: "busy",
  InvalidTargetException: "busy",
  ECONNREFUSED: "down",
  ECONNRESET: "down",
  EPIPE: "down",
  ENOTFOUND: "down",
  EAI_AGAIN: "down",
  EHOSTUNREACH: "down",
  ENETUNREACH: "down",
  ETIMEDOUT: "down",
  TimeoutError: "down",
  RequestTimeout: "down",
  Unavailable: "down",
  ServiceUnavailable: "down",
  ServiceUnavailableException: "down",
  InternalFailure: "down",
  InternalError: "down",
  InternalServerError: "down",
  InternalServiceError: "down",
  AccessDenied: "denied",
  AccessDeniedException: "denied",
  UnauthorizedOperation: "denied",
  AuthFailure: "denied",
  OptInRequired: "denied",
  UnrecognizedClientException: "denied",
  InvalidClientTokenId: "denied",
  SignatureDoesNotMatch: "denied",
  ExpiredToken: "denied",
  ExpiredTokenException: "denied",
  CredentialsProviderError: "denied",
  LimitExceeded: "quota",
  LimitExceededFault: "quota",
  LimitExceededException: "quota",
  ResourceLimitExceeded: "quota",
  VersionLimitExceeded: "quota",
  TooManyTargetGroups: "quota",
  TooManyTargetGroupsException: "quota",
  TooManyTargets: "quota",
  TooManyTargetsException: "quota",
  TooManyRegistrationsForTargetId: "quota",
  TooManyRegistrationsForTargetIdException: "quota",
  TooManyUniqueTargetGroupsPerLoadBalancer: "quota",
  TooManyUniqueTargetGroupsPerLoadBalancerException: "quota",
};

const serverFaults = 500;

/** What was thrown by an SDK client, and what it means. */
export function failureOf(error: unknown): Failure {
  const code = codeOfFailure(error);
  const kind = kinds[code] ?? (statusOf(error) >= serverFaults ? "down" : "refused");
  if (error instanceof TrysailError) return { kind, code, message: error.message, next: error.next };
  // EC2 adds a text of a thousand letters that only AWS can read.
  const message = messageOf(error).replace(/\s*Encoded authorization failure message:[^]*$/, "");
  const next = nextOf(kind, message);
  const told = texts[kind](code, message);
  // AWS ends some of its messages without a stop, and a sentence follows.
  return { kind, code, message: next === undefined || /[.!?]$/.test(told) ? told : `${told}.`, next };
}

/** AWS's name for it is its class; Node's is its `code`. */
function codeOfFailure(error: unknown): string {
  const name = nameOf(error);
  const code = codeOf(error);
  if (error instanceof TrysailError) return error.code;
  return kinds[name] === undefined && code !== undefined && (kinds[code] !== undefined || name === "Error")
    ? code
    : name;
}

const texts: Readonly<Record<FailureKind, (code: string, message: string) => string>> = {
  throttled: (code, message) => `AWS asks for fewer calls (${code}): ${message}`,
  busy: (code, message) => `Another change goes on (${code}): ${message}`,
  down: (code, message) => `The region does not answer (${code}): ${message}`,
  denied: (code, message) => `Access is denied (${code}): ${message}`,
  quota: (code, message) => `A quota is reached (${code}): ${message}`,
  refused: (code, message) => `${code}: ${message}`,
};

function nextOf(kind: FailureKind, message: string): string | undefined {
  if (kind === "quota") return "Ask for more in Service Quotas, or delete what is not needed any more.";
  if (kind !== "denied") return undefined;
  const [, action, resource = "*"] =
    /not authorized to perform:? ([\w-]+:\w+)(?: on resource:? (\S+))?/.exec(message) ?? [];
  if (action === undefined)
    return "Check the credentials of who makes the calls; docs/rollouts.md lists what they need.";
  const statement = { Effect: "Allow", Action: action, Resource: resource.replace(/[.,]$/, "") };
  return `Add to the policy of who makes the calls: ${JSON.stringify(statement)}`;
}

const isPassing = (kind: FailureKind): boolean => kind === "throttled" || kind === "busy" || kind === "down";

/** What an observation that failed says. */
export function unreachable(error: unknown, at: Millis): Unreachable {
  const { kind, code, message, next } = failureOf(error);
  return {
    kind: "unreachable",
    at,
    code,
    message: next === undefined ? message : `${message} ${next}`,
    isTransient: isPassing(kind),
  };
}

/** What a change that failed says. */
export function notApplied(error: unknown): Applied {
  const { kind, code, message, next } = failureOf(error);
  return isPassing(kind) ? { kind: "later", message } : { kind: "refused", code, message, next };
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
