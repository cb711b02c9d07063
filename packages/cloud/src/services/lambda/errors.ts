import { errorTable } from "../../kernel/errors.ts";
import type { AwsError } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors */
export const errors = errorTable({
  CodeStorageExceededException: 400,
  InvalidParameterValueException: 400,
  InvalidRequestContentException: 400,
  InvalidZipFileException: 502,
  PolicyLengthExceededException: 400,
  PreconditionFailedException: 412,
  RequestTooLargeException: 413,
  ResourceConflictException: 409,
  ResourceInUseException: 400,
  ResourceNotFoundException: 404,
  ResourceNotReadyException: 502,
  ServiceException: 500,
  TooManyRequestsException: 429,
  ValidationException: 400,
});

/** A parameter that Trysail cannot honour: refused, not ignored. */
export function refused(what: string): AwsError {
  return errors.InvalidParameterValueException(`Trysail ${what}`);
}

/** A value that breaks a constraint of the model, in the wording of AWS's own validation. */
export function invalid(value: unknown, member: string, constraint: string): AwsError {
  return errors.ValidationException(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  );
}
