import type { AwsError } from "../../kernel/errors.ts";
import { errorTable } from "../../kernel/errors.ts";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const errors = errorTable({
  AccessControlListNotSupported: 400,
  AccessDenied: 403,
  BadDigest: 400,
  BadRequest: 400,
  BucketAlreadyExists: 409,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  IllegalLocationConstraintException: 400,
  IncompleteBody: 400,
  InvalidArgument: 400,
  InvalidBucketAclWithObjectOwnership: 400,
  InvalidBucketName: 400,
  InvalidBucketState: 409,
  InvalidDigest: 400,
  InvalidLocationConstraint: 400,
  InvalidObjectState: 403,
  InvalidPart: 400,
  InvalidPartNumber: 416,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  InvalidRedirectLocation: 400,
  InvalidRequest: 400,
  InvalidStorageClass: 400,
  InvalidTag: 400,
  InvalidTargetBucketForLogging: 400,
  KeyTooLongError: 400,
  MalformedACLError: 400,
  MalformedPolicy: 400,
  MalformedXML: 400,
  MetadataTooLarge: 400,
  MethodNotAllowed: 405,
  NoSuchBucket: 404,
  NoSuchBucketPolicy: 404,
  NoSuchCORSConfiguration: 404,
  NoSuchConfiguration: 404,
  NoSuchKey: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchObjectLockConfiguration: 404,
  NoSuchPublicAccessBlockConfiguration: 404,
  NoSuchTagSet: 404,
  NoSuchUpload: 404,
  NoSuchVersion: 404,
  NoSuchWebsiteConfiguration: 404,
  NotImplemented: 501,
  NotModified: 304,
  ObjectLockConfigurationNotFoundError: 404,
  OwnershipControlsNotFoundError: 404,
  PreconditionFailed: 412,
  ReplicationConfigurationNotFoundError: 404,
});

export function invalidArgument(name: string, value: unknown, message: string): AwsError {
  return errors.InvalidArgument(message, { ArgumentName: name, ArgumentValue: String(value) });
}

export function malformedXml(): AwsError {
  return errors.MalformedXML(
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
}

export function noSuchBucket(name: string): AwsError {
  return errors.NoSuchBucket("The specified bucket does not exist", { BucketName: name });
}

export function noSuchKey(key: string): AwsError {
  return errors.NoSuchKey("The specified key does not exist.", { Key: key });
}

export function noSuchUpload(uploadId: string): AwsError {
  return errors.NoSuchUpload(
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { UploadId: uploadId },
  );
}

/** @param condition - the header that did not hold, such as `If-Match` */
export function preconditionFailed(condition: string): AwsError {
  return errors.PreconditionFailed("At least one of the pre-conditions you specified did not hold", {
    Condition: condition,
  });
}

/** A header that S3 has and Trysail cannot honour. */
export function unsupportedHeader(header: string, why: string): AwsError {
  return errors.NotImplemented(`Trysail does not implement the header ${header}: ${why}`, { Header: header });
}
