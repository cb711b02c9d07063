import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  InvalidInputException: 400,
  LimitExceededException: 400,
  ResourceNotFoundException: 400,
  ResourceUnavailableException: 400,
  ValidationException: 400,
});
