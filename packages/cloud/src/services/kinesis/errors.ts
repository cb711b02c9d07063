import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  ExpiredIteratorException: 400,
  ExpiredNextTokenException: 400,
  InvalidArgumentException: 400,
  KMSDisabledException: 400,
  KMSNotFoundException: 400,
  LimitExceededException: 400,
  ProvisionedThroughputExceededException: 400,
  ResourceInUseException: 400,
  ResourceNotFoundException: 400,
  ValidationException: 400,
});
