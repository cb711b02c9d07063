import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  ImageNotFoundException: 400,
  InvalidParameterException: 400,
  LifecyclePolicyNotFoundException: 400,
  RepositoryAlreadyExistsException: 400,
  RepositoryNotFoundException: 400,
  RepositoryPolicyNotFoundException: 400,
});
