import type { Handler } from "../../../kernel/service.ts";
import { bucketArn, policyOf } from "../access.ts";
import { errors } from "../errors.ts";
import { parsePolicy } from "../policy/document.ts";
import { isPublicPolicy } from "../policy/evaluate.ts";
import type { Bucket } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { configurationOf, tables } from "../store.ts";
import { openSetting } from "../settings.ts";

function noPolicy(bucket: Bucket) {
  return errors.NoSuchBucketPolicy("The bucket policy does not exist", { BucketName: bucket.name });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html */
export const getBucketPolicy: Handler<Sdk, "getBucketPolicy"> = (ctx, input) => {
  const { bucket, home } = openSetting(ctx, "s3:GetBucketPolicy", input);
  const policy = configurationOf(home, bucket.name, "policy");
  if (policy === undefined) throw noPolicy(bucket);
  return { Policy: policy.text };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html */
export const putBucketPolicy: Handler<Sdk, "putBucketPolicy"> = (ctx, input) => {
  const { bucket, home } = openSetting(ctx, "s3:PutBucketPolicy", input);
  const policy = parsePolicy(input.Policy, bucket.name);
  if (bucket.publicAccessBlock?.BlockPublicPolicy === true && isPublicPolicy(policy)) {
    throw errors.AccessDenied(
      `User: ${ctx.principal.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "${bucketArn(bucket)}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
    );
  }
  home.table(tables.configurations).put([bucket.name, "policy", ""], { text: input.Policy });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html */
export const deleteBucketPolicy: Handler<Sdk, "deleteBucketPolicy"> = (ctx, input) => {
  const { bucket, home } = openSetting(ctx, "s3:DeleteBucketPolicy", input);
  home.table(tables.configurations).delete([bucket.name, "policy", ""]);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html */
export const getBucketPolicyStatus: Handler<Sdk, "getBucketPolicyStatus"> = (ctx, input) => {
  const { bucket, home } = openSetting(ctx, "s3:GetBucketPolicyStatus", input);
  const policy = policyOf(home, bucket);
  if (policy === undefined) throw noPolicy(bucket);
  return { PolicyStatus: { IsPublic: isPublicPolicy(policy) } };
};
