/** Further members of an error's shape, beside its message: S3's `BucketName`, CloudFormation's none. */
export type ErrorMembers = Readonly<Record<string, unknown>>;

/**
 * An error that a client is told of, with AWS's own code, status and wording. Whatever else is thrown is our fault and
 * is told as `InternalFailure`.
 */
export class AwsError extends Error {
  override readonly name = "AwsError";
  /** AWS's code, as clients match on it: `ResourceNotFoundException`. */
  readonly code: string;
  /** The HTTP status. */
  readonly status: number;
  readonly fault: "client" | "server";
  readonly members: ErrorMembers;

  constructor(code: string, status: number, message: string, members: ErrorMembers = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.fault = status >= 500 ? "server" : "client";
    this.members = members;
  }
}

type ErrorMaker = (message: string, members?: ErrorMembers) => AwsError;

/**
 * A service's errors in one place: code to HTTP status.
 *
 * @example
 * ```ts
 * export const errors = errorTable({ ResourceNotFoundException: 400 });
 * throw errors.ResourceNotFoundException("Secrets Manager can't find the specified secret.");
 * ```
 */
export function errorTable<Code extends string>(
  statuses: Readonly<Record<Code, number>>,
): Readonly<Record<Code, ErrorMaker>> {
  const makers = Object.entries<number>(statuses).map(([code, status]): [string, ErrorMaker] => [
    code,
    (message, members) => new AwsError(code, status, message, members),
  ]);
  return Object.fromEntries(makers) as Record<Code, ErrorMaker>;
}

/** Errors that any service answers with. @see https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
export const commonErrors = errorTable({
  AccessDenied: 403,
  AccessDeniedException: 400,
  ExpiredToken: 403,
  IncompleteSignature: 400,
  InternalFailure: 500,
  InvalidAccessKeyId: 403,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  InvalidRequest: 400,
  MissingAuthenticationToken: 403,
  NotImplemented: 501,
  SerializationException: 400,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  UnknownOperationException: 404,
  UnrecognizedClientException: 400,
  ValidationError: 400,
  ValidationException: 400,
});

/** Whether something that was thrown is an AWS error with one of these codes. */
export function isAwsError(thrown: unknown, ...codes: readonly string[]): thrown is AwsError {
  return thrown instanceof AwsError && (codes.length === 0 || codes.includes(thrown.code));
}
