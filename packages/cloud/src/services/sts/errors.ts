import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  AccessDenied: 403,
  MalformedPolicyDocument: 400,
  PackedPolicyTooLarge: 400,
  ValidationError: 400,
});
