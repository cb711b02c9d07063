import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  HierarchyTypeMismatchException: 400,
  InvalidFilterKey: 400,
  InvalidKeyId: 400,
  InvalidNextToken: 400,
  InvalidResourceId: 400,
  ParameterAlreadyExists: 400,
  ParameterMaxVersionLimitExceeded: 400,
  ParameterNotFound: 400,
  ParameterPatternMismatchException: 400,
  ParameterVersionLabelLimitExceeded: 400,
  ParameterVersionNotFound: 400,
  UnsupportedParameterType: 400,
  ValidationException: 400,
});
