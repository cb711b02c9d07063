import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  DashboardInvalidInputError: 400,
  DashboardNotFoundError: 404,
  InvalidFormat: 400,
  InvalidNextToken: 400,
  InvalidParameterCombination: 400,
  InvalidParameterValue: 400,
  LimitExceeded: 400,
  MissingParameter: 400,
  ResourceNotFound: 404,
  ResourceNotFoundException: 404,
  ValidationError: 400,
});
