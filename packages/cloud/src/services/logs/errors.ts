import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  InvalidParameterException: 400,
  LimitExceededException: 400,
  ResourceAlreadyExistsException: 400,
  ResourceNotFoundException: 400,
  ValidationException: 400,
});
