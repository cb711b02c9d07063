import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  AccountLimitExceededException: 400,
  InvalidInputException: 400,
  ResourceAlreadyExistsException: 400,
  ResourceNotFoundException: 400,
});
