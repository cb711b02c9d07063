import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  ConcurrentModificationException: 400,
  IllegalStatusException: 400,
  InternalException: 500,
  InvalidEventPatternException: 400,
  LimitExceededException: 400,
  ManagedRuleException: 400,
  OperationDisabledException: 400,
  PolicyLengthExceededException: 400,
  ResourceAlreadyExistsException: 400,
  ResourceNotFoundException: 400,
  ValidationException: 400,
});
