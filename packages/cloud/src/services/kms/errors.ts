import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  AlreadyExistsException: 400,
  DisabledException: 400,
  DryRunOperationException: 412,
  IncorrectKeyException: 400,
  InvalidAliasNameException: 400,
  InvalidCiphertextException: 400,
  InvalidMarkerException: 400,
  KMSInvalidStateException: 400,
  MalformedPolicyDocumentException: 400,
  NotFoundException: 400,
  UnsupportedOperationException: 400,
  ValidationException: 400,
});
