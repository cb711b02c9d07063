import type { Grant } from "@aws-sdk/client-s3";
import type { Handler } from "../../../kernel/service.ts";
import { admittedGrants, privateGrants } from "../acl.ts";
import { errors } from "../errors.ts";
import { canonicalId } from "../model.ts";
import type { Bucket } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { updateVersion } from "../versions.ts";
import { openSetting } from "../settings.ts";
import { openVersion } from "../open-version.ts";

function accessControl(bucket: Bucket, grants: readonly Grant[]) {
  return { Owner: { ID: canonicalId(bucket.account) }, Grants: [...grants] };
}

function noAcl() {
  return errors.InvalidRequest(
    "Your request was missing a required header: x-amz-acl, an x-amz-grant header or an AccessControlPolicy",
  );
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html */
export const getBucketAcl: Handler<Sdk, "getBucketAcl"> = (ctx, input) => {
  const { bucket } = openSetting(ctx, "s3:GetBucketAcl", input);
  return accessControl(bucket, bucket.grants);
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html */
export const putBucketAcl: Handler<Sdk, "putBucketAcl"> = (ctx, input) => {
  const { bucket, home } = openSetting(ctx, "s3:PutBucketAcl", input);
  const grants = admittedGrants(bucket, input);
  if (grants === undefined) throw noAcl();
  home.table(tables.buckets).put(bucket.name, { ...bucket, grants });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html */
export const getObjectAcl: Handler<Sdk, "getObjectAcl"> = (ctx, input) => {
  const { bucket, object } = openVersion(ctx, "s3:GetObjectAcl", input);
  return accessControl(bucket, object.grants ?? privateGrants(bucket.account));
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html */
export const putObjectAcl: Handler<Sdk, "putObjectAcl"> = (ctx, input) => {
  const { bucket, home, object } = openVersion(ctx, "s3:PutObjectAcl", input);
  const grants = admittedGrants(bucket, input);
  if (grants === undefined) throw noAcl();
  updateVersion(home, bucket, input.Key, { ...object, grants });
  return {};
};
