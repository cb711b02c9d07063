import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/CommonErrors.html */
export const errors = errorTable({
  InvalidNextTokenException: 400,
  LimitExceededException: 400,
  ObjectNotFoundException: 400,
  ResourceNotFoundException: 400,
  ValidationException: 400,
});
