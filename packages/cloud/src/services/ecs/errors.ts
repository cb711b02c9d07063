import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html */
export const errors = errorTable({
  AccessDeniedException: 400,
  ClientException: 400,
  ClusterContainsServicesException: 400,
  ClusterContainsTasksException: 400,
  ClusterNotFoundException: 400,
  ConflictException: 400,
  InvalidParameterException: 400,
  PlatformUnknownException: 400,
  ResourceInUseException: 400,
  ResourceNotFoundException: 400,
  ServiceDeploymentNotFoundException: 400,
  ServiceNotActiveException: 400,
  ServiceNotFoundException: 400,
  UnsupportedFeatureException: 400,
});

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ClientException.html */
export const invalidToken = (message: string) => errors.InvalidParameterException(message);
