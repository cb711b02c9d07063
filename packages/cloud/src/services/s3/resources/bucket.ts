import { partitionOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { node, text, truth } from "./bucket-properties.ts";
import { settings } from "./bucket-settings.ts";

function attributesOf(ctx: Context, name: string) {
  const { port } = new URL(ctx.host.endpoint);
  return {
    Arn: `arn:${partitionOf(ctx.region)}:s3:::${name}`,
    DomainName: `${name}.s3.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${ctx.region}.amazonaws.com`,
    DualStackDomainName: `${name}.s3.dualstack.${ctx.region}.amazonaws.com`,
    WebsiteURL: `http://${name}.s3-website-${ctx.region}.localhost:${port}`,
  };
}

function tagsOf(properties: Properties, request: ResourceRequest) {
  return [...request.tags, ...((properties["Tags"] ?? []) as ResourceRequest["tags"])];
}

/** Whether this very step has made the bucket before. @throws what S3 says of a bucket that is not ours to see */
async function isMade(ctx: Context, name: string, request: ResourceRequest): Promise<"no" | "by-us" | "by-others"> {
  try {
    await ctx.call.s3.headBucket({ Bucket: name });
  } catch (error) {
    if (isAwsError(error, "NoSuchBucket")) return "no";
    return "by-others";
  }
  try {
    const { TagSet: tags = [] } = await ctx.call.s3.getBucketTagging({ Bucket: name });
    return isMadeFor(request, tags) ? "by-us" : "by-others";
  } catch (error) {
    if (isAwsError(error, "NoSuchTagSet")) return "by-others";
    throw error;
  }
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
export const bucket: ResourceType = {
  properties: [
    ...settings.map(({ property }) => property),
    "BucketName",
    "ObjectLockEnabled",
    "ReplicationConfiguration",
    "Tags",
  ],
  replacedBy: ["BucketName", "ObjectLockEnabled"],

  async create(ctx, properties, request) {
    const name = text(properties["BucketName"]) ?? request.generatedName({ maxLength: 63, lowerCase: true });
    const made = await isMade(ctx, name, request);
    if (made === "by-others") return { status: "failed", reason: `${name} already exists` };
    if (made === "no") {
      await ctx.call.s3.createBucket({
        Bucket: name,
        ObjectLockEnabledForBucket: truth(properties["ObjectLockEnabled"]),
        CreateBucketConfiguration: {
          // Given with the bucket, so that a step that was cut short finds it again.
          Tags: tagsOf(properties, request),
          ...(ctx.region !== "us-east-1" && { LocationConstraint: ctx.region as "eu-west-1" }),
        },
      });
    }
    request.made(name);
    await apply(ctx, name, properties, {});
    return { status: "done", id: name, attributes: attributesOf(ctx, name) };
  },

  async update(ctx, id, properties, previous, request) {
    await ctx.call.s3.putBucketTagging({ Bucket: id, Tagging: { TagSet: tagsOf(properties, request) } });
    await apply(ctx, id, properties, previous);
    return { status: "done", id, attributes: attributesOf(ctx, id) };
  },

  async remove(ctx, id) {
    try {
      await ctx.call.s3.deleteBucket({ Bucket: id });
    } catch (error) {
      if (!isAwsError(error, "NoSuchBucket")) throw error;
    }
    return { status: "done" };
  },
};

async function apply(ctx: Context, name: string, properties: Properties, previous: Properties): Promise<void> {
  for (const { property, put, drop } of settings) {
    const [now, before] = [properties[property], previous[property]];
    if (JSON.stringify(now) === JSON.stringify(before)) continue;
    if (now === undefined) await drop(ctx, name, before);
    else await put(ctx, name, now, before);
  }
  const { ReplicationConfiguration: now } = properties;
  if (JSON.stringify(now) === JSON.stringify(previous["ReplicationConfiguration"])) return;
  if (now === undefined) {
    await ctx.call.s3.deleteBucketReplication({ Bucket: name });
    return;
  }
  const { Role, Rules } = node(now) as {
    readonly Role: string;
    readonly Rules: readonly { readonly Id?: string; readonly Destination: { readonly Bucket: string } }[];
  };
  await ctx.call.s3.putBucketReplication({
    Bucket: name,
    ReplicationConfiguration: {
      Role,
      Rules: Rules.map(({ Id, ...rule }) => ({ ...rule, ID: Id, Status: text(node(rule)["Status"]) as "Enabled" })),
    },
  });
}
