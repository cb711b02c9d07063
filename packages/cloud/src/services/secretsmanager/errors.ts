import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html */
export const errors = errorTable({
  InvalidNextTokenException: 400,
  InvalidParameterException: 400,
  InvalidRequestException: 400,
  LimitExceededException: 400,
  MalformedPolicyDocumentException: 400,
  ResourceExistsException: 400,
  ResourceNotFoundException: 400,
});
