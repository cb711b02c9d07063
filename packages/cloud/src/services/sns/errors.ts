import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html */
export const errors = errorTable({
  AuthorizationError: 403,
  BatchEntryIdsNotDistinct: 400,
  BatchRequestTooLong: 400,
  EmptyBatchRequest: 400,
  FilterPolicyLimitExceeded: 403,
  InvalidBatchEntryId: 400,
  InvalidParameter: 400,
  NotFound: 404,
  ParameterValueInvalid: 400,
  ResourceNotFound: 404,
  TooManyEntriesInBatchRequest: 400,
});

/** A parameter that is wrong, in AWS's words. */
export const invalid = (parameter: string, reason?: string) =>
  errors.InvalidParameter(`Invalid parameter: ${parameter}${reason === undefined ? "" : ` Reason: ${reason}`}`);
