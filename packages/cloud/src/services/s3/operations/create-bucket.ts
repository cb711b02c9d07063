import type { ObjectOwnership } from "@aws-sdk/client-s3";
import { parseRegion } from "@trysail/core";
import type { Handler } from "../../../kernel/service.ts";
import { bucketArn, requireAccount } from "../access.ts";
import { isPublicGrant, privateGrants, requestedGrants } from "../acl.ts";
import { isBucketName } from "../bucket-name.ts";
import { errors, invalidArgument } from "../errors.ts";
import type { Bucket } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { homeOf, tables } from "../store.ts";
import { mostBucketTags, readTags, tagSet } from "../tags.ts";

/** What S3 makes of a `LocationConstraint`, for a request that was sent to `region`. */
function regionFor(constraint: string | undefined, region: Bucket["region"]): Bucket["region"] {
  const isHome = region === "us-east-1";
  if (constraint === undefined || constraint === "") {
    if (isHome) return region;
    throw errors.IllegalLocationConstraintException(
      "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.",
    );
  }
  const asked = parseRegion(constraint === "EU" ? "eu-west-1" : constraint);
  if (asked === undefined || asked === "us-east-1") {
    throw errors.InvalidLocationConstraint("The specified location-constraint is not valid", {
      LocationConstraint: constraint,
    });
  }
  if (!isHome && asked !== region) {
    throw errors.IllegalLocationConstraintException(
      `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
  return asked;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export const createBucket: Handler<Sdk, "createBucket"> = (ctx, input) => {
  requireAccount(ctx);
  const { Bucket: name, CreateBucketConfiguration: configuration = {} } = input;
  if (!isBucketName(name)) throw errors.InvalidBucketName("The specified bucket is not valid.", { BucketName: name });
  if (configuration.Location !== undefined || configuration.Bucket !== undefined) {
    throw errors.NotImplemented("Trysail does not implement directory buckets: leave out Location and Bucket.");
  }
  const region = regionFor(configuration.LocationConstraint, ctx.region);
  const location = region === "us-east-1" ? `/${name}` : `http://${name}.s3.amazonaws.com/`;
  const buckets = ctx.table(tables.buckets);
  const existing = buckets.get(name);
  if (existing !== undefined) {
    if (existing.account !== ctx.account) {
      throw errors.BucketAlreadyExists(
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
        { BucketName: name },
      );
    }
    // In us-east-1 S3 has always let an owner create their bucket again.
    if (ctx.region === "us-east-1" && existing.region === "us-east-1" && region === "us-east-1")
      return { Location: location, BucketArn: bucketArn(existing) };
    throw errors.BucketAlreadyOwnedByYou(
      "Your previous request to create the named bucket succeeded and you already own it.",
      { BucketName: name },
    );
  }

  const ownership: ObjectOwnership = input.ObjectOwnership ?? "BucketOwnerEnforced";
  if (!["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"].includes(ownership)) {
    throw invalidArgument("x-amz-object-ownership", ownership, "Invalid x-amz-object-ownership header");
  }
  const grants = requestedGrants(input, ctx.account) ?? privateGrants(ctx.account);
  if (ownership === "BucketOwnerEnforced" && grants.some((grant) => grant.Permission !== "FULL_CONTROL")) {
    throw errors.InvalidBucketAclWithObjectOwnership(
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    );
  }
  // A new bucket blocks all public access, so a public ACL has no way in.
  if (grants.some(isPublicGrant)) throw errors.AccessDenied("Access Denied");
  const bucket: Bucket = {
    name,
    account: ctx.account,
    region,
    createdAt: ctx.now,
    versioning: input.ObjectLockEnabledForBucket === true ? "Enabled" : undefined,
    objectLock: input.ObjectLockEnabledForBucket === true,
    encryption: {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false }],
    },
    ownership: { Rules: [{ ObjectOwnership: ownership }] },
    publicAccessBlock: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
    grants,
  };
  buckets.put(name, bucket);
  const home = homeOf(ctx, bucket);
  const configurations = home.table(tables.configurations);
  if (bucket.objectLock) configurations.put([name, "object-lock", ""], { ObjectLockEnabled: "Enabled" });
  if (configuration.Tags !== undefined)
    configurations.put([name, "tagging", ""], { TagSet: tagSet(readTags(configuration.Tags, mostBucketTags)) });
  return { Location: location, BucketArn: bucketArn(bucket) };
};
