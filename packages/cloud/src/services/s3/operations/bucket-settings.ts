import type { Handler } from "../../../kernel/service.ts";
import type { OpenBucket } from "../access.ts";
import { isPublicGrant } from "../acl.ts";
import { errors, invalidArgument, malformedXml, unsupportedHeader } from "../errors.ts";
import type { Bucket } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { openSetting } from "../settings.ts";
import { tables } from "../store.ts";

// Settings that are kept in the bucket's own row, because most requests need them.

function change({ bucket, home }: OpenBucket, changes: Partial<Bucket>): void {
  home.table(tables.buckets).put(bucket.name, { ...bucket, ...changes });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html */
export const getBucketVersioning: Handler<Sdk, "getBucketVersioning"> = (ctx, input) => {
  const { bucket } = openSetting(ctx, "s3:GetBucketVersioning", input);
  return bucket.versioning === undefined ? {} : { Status: bucket.versioning };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
export const putBucketVersioning: Handler<Sdk, "putBucketVersioning"> = (ctx, input) => {
  const open = openSetting(ctx, "s3:PutBucketVersioning", input);
  const { Status: status, MFADelete: mfaDelete } = input.VersioningConfiguration;
  if (mfaDelete === "Enabled") throw unsupportedHeader("x-amz-mfa", "there are no MFA devices to ask.");
  if (status !== "Enabled" && status !== "Suspended") throw malformedXml();
  if (open.bucket.objectLock && status === "Suspended") {
    throw errors.InvalidBucketState(
      "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
    );
  }
  change(open, { versioning: status });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html */
export const getBucketEncryption: Handler<Sdk, "getBucketEncryption"> = (ctx, input) => {
  const { bucket } = openSetting(ctx, "s3:GetEncryptionConfiguration", input);
  return { ServerSideEncryptionConfiguration: bucket.encryption };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html */
export const putBucketEncryption: Handler<Sdk, "putBucketEncryption"> = (ctx, input) => {
  const open = openSetting(ctx, "s3:PutEncryptionConfiguration", input);
  const configuration = input.ServerSideEncryptionConfiguration;
  const [rule, ...others] = configuration.Rules ?? [];
  if (rule === undefined || others.length > 0) throw malformedXml();
  const { SSEAlgorithm: algorithm, KMSMasterKeyID: key } = rule.ApplyServerSideEncryptionByDefault ?? {};
  if (algorithm !== undefined && !["AES256", "aws:kms", "aws:kms:dsse"].includes(algorithm)) throw malformedXml();
  if (key !== undefined && algorithm === "AES256") {
    throw invalidArgument(
      "ApplyServerSideEncryptionByDefault",
      key,
      "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
    );
  }
  change(open, { encryption: { Rules: [{ ...rule, BucketKeyEnabled: rule.BucketKeyEnabled ?? false }] } });
  return {};
};

/** Back to what every bucket has. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html */
export const deleteBucketEncryption: Handler<Sdk, "deleteBucketEncryption"> = (ctx, input) => {
  const open = openSetting(ctx, "s3:PutEncryptionConfiguration", input);
  change(open, {
    encryption: {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false }],
    },
  });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html */
export const getBucketOwnershipControls: Handler<Sdk, "getBucketOwnershipControls"> = (ctx, input) => {
  const { bucket } = openSetting(ctx, "s3:GetBucketOwnershipControls", input);
  if (bucket.ownership === undefined) {
    throw errors.OwnershipControlsNotFoundError("The bucket ownership controls were not found", {
      BucketName: bucket.name,
    });
  }
  return { OwnershipControls: bucket.ownership };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html */
export const putBucketOwnershipControls: Handler<Sdk, "putBucketOwnershipControls"> = (ctx, input) => {
  const open = openSetting(ctx, "s3:PutBucketOwnershipControls", input);
  const [rule, ...others] = input.OwnershipControls.Rules ?? [];
  const ownership = rule?.ObjectOwnership;
  if (
    ownership === undefined ||
    others.length > 0 ||
    !["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"].includes(ownership)
  )
    throw malformedXml();
  if (
    ownership === "BucketOwnerEnforced" &&
    open.bucket.grants.some((grant) => grant.Permission !== "FULL_CONTROL" || isPublicGrant(grant))
  ) {
    throw errors.InvalidBucketAclWithObjectOwnership(
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    );
  }
  change(open, { ownership: input.OwnershipControls });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketOwnershipControls.html */
export const deleteBucketOwnershipControls: Handler<Sdk, "deleteBucketOwnershipControls"> = (ctx, input) => {
  change(openSetting(ctx, "s3:PutBucketOwnershipControls", input), { ownership: undefined });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html */
export const getPublicAccessBlock: Handler<Sdk, "getPublicAccessBlock"> = (ctx, input) => {
  const { bucket } = openSetting(ctx, "s3:GetBucketPublicAccessBlock", input);
  if (bucket.publicAccessBlock === undefined) {
    throw errors.NoSuchPublicAccessBlockConfiguration("The public access block configuration was not found", {
      BucketName: bucket.name,
    });
  }
  return { PublicAccessBlockConfiguration: bucket.publicAccessBlock };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html */
export const putPublicAccessBlock: Handler<Sdk, "putPublicAccessBlock"> = (ctx, input) => {
  const open = openSetting(ctx, "s3:PutBucketPublicAccessBlock", input);
  const { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } =
    input.PublicAccessBlockConfiguration;
  change(open, {
    publicAccessBlock: {
      BlockPublicAcls: BlockPublicAcls ?? false,
      IgnorePublicAcls: IgnorePublicAcls ?? false,
      BlockPublicPolicy: BlockPublicPolicy ?? false,
      RestrictPublicBuckets: RestrictPublicBuckets ?? false,
    },
  });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html */
export const deletePublicAccessBlock: Handler<Sdk, "deletePublicAccessBlock"> = (ctx, input) => {
  change(openSetting(ctx, "s3:PutBucketPublicAccessBlock", input), { publicAccessBlock: undefined });
  return {};
};
