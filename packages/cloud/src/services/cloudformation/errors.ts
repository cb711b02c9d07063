import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  AlreadyExistsException: 400,
  ChangeSetNotFound: 404,
  InsufficientCapabilitiesException: 400,
  InvalidChangeSetStatus: 400,
  LimitExceededException: 400,
  TokenAlreadyExistsException: 400,
  ValidationError: 400,
});
