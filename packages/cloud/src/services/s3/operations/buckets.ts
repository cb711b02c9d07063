import { keyOf, pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { bucketArn, openBucket, requireAccount } from "../access.ts";
import { errors, invalidArgument } from "../errors.ts";
import { canonicalId } from "../model.ts";
import type { Bucket } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { forgetUpload } from "../uploads.ts";

const mostBuckets = 10_000;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export const listBuckets: Handler<Sdk, "listBuckets"> = (ctx, input) => {
  requireAccount(ctx);
  const { Prefix: prefix = "", BucketRegion: region, MaxBuckets: size = mostBuckets } = input;
  if (size < 1 || size > mostBuckets)
    throw invalidArgument("max-buckets", size, `Argument max-buckets must be an integer between 1 and ${mostBuckets}`);
  const invalid = () =>
    invalidArgument("continuation-token", input.ContinuationToken, "The continuation token provided is incorrect");
  keyOf(input.ContinuationToken, invalid);
  function* own(options: { readonly after?: string }): Generator<[string, Bucket]> {
    for (const [name, bucket] of ctx.table(tables.buckets).entries({ ...options, startsWith: prefix })) {
      if (bucket.account === ctx.account && (region === undefined || bucket.region === region)) yield [name, bucket];
    }
  }
  const { items, next } = pageOf(own, input.ContinuationToken, size, invalid);
  return {
    Owner: { ID: canonicalId(ctx.account) },
    Buckets: items.map((bucket) => ({
      Name: bucket.name,
      CreationDate: new Date(bucket.createdAt),
      BucketRegion: bucket.region,
      BucketArn: bucketArn(bucket),
    })),
    ...(input.Prefix !== undefined && { Prefix: prefix }),
    ...(next !== undefined && { ContinuationToken: next }),
  };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export const headBucket: Handler<Sdk, "headBucket"> = (ctx, input) => {
  const { bucket } = openBucket(ctx, {
    action: "s3:ListBucket",
    bucket: input.Bucket,
    expectedOwner: input.ExpectedBucketOwner,
  });
  return { BucketArn: bucketArn(bucket), BucketRegion: bucket.region, AccessPointAlias: false };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
export const getBucketLocation: Handler<Sdk, "getBucketLocation"> = (ctx, input) => {
  const { bucket } = openBucket(ctx, {
    action: "s3:GetBucketLocation",
    bucket: input.Bucket,
    expectedOwner: input.ExpectedBucketOwner,
  });
  // Buckets in us-east-1 have no constraint: they are older than regions.
  return bucket.region === "us-east-1" ? {} : { LocationConstraint: bucket.region as "eu-west-1" };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html */
export const deleteBucket: Handler<Sdk, "deleteBucket"> = (ctx, input) => {
  const { bucket, home } = openBucket(ctx, {
    action: "s3:DeleteBucket",
    bucket: input.Bucket,
    expectedOwner: input.ExpectedBucketOwner,
  });
  const { name } = bucket;
  for (const rows of [
    home.table(tables.objects).keys({ prefix: [name] }),
    home.table(tables.versions).keys({ prefix: [name] }),
  ]) {
    for (const _ of rows) {
      const withVersions = bucket.versioning === undefined ? "" : " You must delete all versions in the bucket.";
      throw errors.BucketNotEmpty(`The bucket you tried to delete is not empty.${withVersions}`, { BucketName: name });
    }
  }
  for (const upload of home.table(tables.uploads).values({ prefix: [name] }))
    forgetUpload(home, bucket, upload, new Set());
  const configurations = home.table(tables.configurations);
  for (const key of configurations.keys({ prefix: [name] })) configurations.delete(key);
  home.table(tables.buckets).delete(name);
  return {};
};
