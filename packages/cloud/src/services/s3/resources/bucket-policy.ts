import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";

interface BucketPolicyProperties extends Properties {
  readonly Bucket: string;
  readonly PolicyDocument: object | string;
}

function textOf({ PolicyDocument: document }: BucketPolicyProperties): string {
  return typeof document === "string" ? document : JSON.stringify(document);
}

async function currentPolicy(ctx: Context, bucket: string): Promise<string | undefined> {
  try {
    return (await ctx.call.s3.getBucketPolicy({ Bucket: bucket })).Policy;
  } catch (error) {
    if (isAwsError(error, "NoSuchBucketPolicy")) return undefined;
    throw error;
  }
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html */
export const bucketPolicy: ResourceType = {
  properties: ["Bucket", "PolicyDocument"],
  required: ["Bucket", "PolicyDocument"],
  replacedBy: ["Bucket"],

  async create(ctx, properties: BucketPolicyProperties) {
    const { Bucket: bucket } = properties;
    const existing = await currentPolicy(ctx, bucket);
    // The same policy may be this very step's, which a crash cut short.
    if (existing !== undefined && existing !== textOf(properties)) {
      return { status: "failed", reason: `The bucket policy already exists on bucket ${bucket}.` };
    }
    await ctx.call.s3.putBucketPolicy({ Bucket: bucket, Policy: textOf(properties) });
    return { status: "done", id: bucket, attributes: {} };
  },

  async update(ctx, id, properties: BucketPolicyProperties) {
    await ctx.call.s3.putBucketPolicy({ Bucket: id, Policy: textOf(properties) });
    return { status: "done", id, attributes: {} };
  },

  async remove(ctx, id) {
    try {
      await ctx.call.s3.deleteBucketPolicy({ Bucket: id });
    } catch (error) {
      if (!isAwsError(error, "NoSuchBucket")) throw error;
    }
    return { status: "done" };
  },
};
