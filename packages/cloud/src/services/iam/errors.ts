import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  DeleteConflict: 409,
  EntityAlreadyExists: 409,
  InvalidInput: 400,
  KeyPairMismatch: 400,
  LimitExceeded: 409,
  MalformedCertificate: 400,
  MalformedPolicyDocument: 400,
  NoSuchEntity: 404,
  PolicyNotAttachable: 400,
  UnmodifiableEntity: 400,
  ValidationError: 400,
});
