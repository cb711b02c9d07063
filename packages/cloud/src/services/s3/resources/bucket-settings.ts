import type { Context } from "../../../kernel/context.ts";
import {
  analyticsConfiguration,
  cannedAcl,
  corsRules,
  intelligentTieringConfiguration,
  inventoryConfiguration,
  lifecycleRules,
  metricsConfiguration,
  node,
  nodes,
  notificationConfiguration,
  number,
  text,
  truth,
  websiteConfiguration,
} from "./bucket-properties.ts";
import type { Node } from "./bucket-properties.ts";

/** How one property of AWS::S3::Bucket is put into effect, and taken back. */
interface Setting {
  readonly property: string;
  put(ctx: Context, bucket: string, value: unknown, previous: unknown): Promise<unknown>;
  drop(ctx: Context, bucket: string, previous: unknown): Promise<unknown>;
}

const allBlocked = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

/** A property that is a list of configurations with ids: those that are no longer in it are deleted. */
function listSetting<T extends { readonly Id: string }>(
  property: string,
  parse: (value: Node) => T,
  putOne: (ctx: Context, bucket: string, configuration: T) => Promise<unknown>,
  deleteOne: (ctx: Context, bucket: string, id: string) => Promise<unknown>,
): Setting {
  const put: Setting["put"] = async (ctx, bucket, value, previous) => {
    const wanted = nodes(value).map(parse);
    for (const configuration of wanted) await putOne(ctx, bucket, configuration);
    for (const { Id: id } of nodes(previous).map(parse)) {
      if (!wanted.some((each) => each.Id === id)) await deleteOne(ctx, bucket, id);
    }
  };
  return { property, put, drop: (ctx, bucket, previous) => put(ctx, bucket, [], previous) };
}

/** In the order in which they are put: a public ACL needs its ownership, replication and Object Lock need versioning. */
export const settings: readonly Setting[] = [
  {
    property: "OwnershipControls",
    put: (ctx, Bucket, value) =>
      ctx.call.s3.putBucketOwnershipControls({
        Bucket,
        OwnershipControls: {
          Rules: nodes(node(value)["Rules"]).map((rule) => ({
            ObjectOwnership: text(rule["ObjectOwnership"]) as "ObjectWriter",
          })),
        },
      }),
    drop: (ctx, Bucket) =>
      ctx.call.s3.putBucketOwnershipControls({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
      }),
  },
  {
    property: "PublicAccessBlockConfiguration",
    put: (ctx, Bucket, value) => {
      const block = node(value);
      return ctx.call.s3.putPublicAccessBlock({
        Bucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: truth(block["BlockPublicAcls"]),
          IgnorePublicAcls: truth(block["IgnorePublicAcls"]),
          BlockPublicPolicy: truth(block["BlockPublicPolicy"]),
          RestrictPublicBuckets: truth(block["RestrictPublicBuckets"]),
        },
      });
    },
    drop: (ctx, Bucket) => ctx.call.s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: allBlocked }),
  },
  {
    property: "AccessControl",
    put: async (ctx, Bucket, value) => {
      const acl = cannedAcl(value);
      // Where ACLs are switched off, this one alone may be given; it says the same.
      await ctx.call.s3.putBucketAcl({
        Bucket,
        ACL: (acl === "private" ? "bucket-owner-full-control" : acl) as "private",
      });
    },
    drop: (ctx, Bucket) => ctx.call.s3.putBucketAcl({ Bucket, ACL: "bucket-owner-full-control" as "private" }),
  },
  {
    property: "VersioningConfiguration",
    put: (ctx, Bucket, value) =>
      ctx.call.s3.putBucketVersioning({
        Bucket,
        VersioningConfiguration: { Status: text(node(value)["Status"]) as "Enabled" },
      }),
    drop: (ctx, Bucket) =>
      ctx.call.s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Suspended" } }),
  },
  {
    property: "ObjectLockConfiguration",
    put: (ctx, Bucket, value) => {
      const retention = node(node(node(value)["Rule"])["DefaultRetention"]);
      const hasRule = node(value)["Rule"] !== undefined;
      return ctx.call.s3.putObjectLockConfiguration({
        Bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: "Enabled",
          ...(hasRule && {
            Rule: {
              DefaultRetention: {
                Mode: text(retention["Mode"]) as "GOVERNANCE",
                Days: number(retention["Days"]),
                Years: number(retention["Years"]),
              },
            },
          }),
        },
      });
    },
    drop: (ctx, Bucket) =>
      ctx.call.s3.putObjectLockConfiguration({ Bucket, ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" } }),
  },
  {
    property: "BucketEncryption",
    put: (ctx, Bucket, value) =>
      ctx.call.s3.putBucketEncryption({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: nodes(node(value)["ServerSideEncryptionConfiguration"]).map((rule) => {
            const { SSEAlgorithm, KMSMasterKeyID } = node(rule["ServerSideEncryptionByDefault"]);
            return {
              BucketKeyEnabled: truth(rule["BucketKeyEnabled"]),
              ...(SSEAlgorithm !== undefined && {
                ApplyServerSideEncryptionByDefault: {
                  SSEAlgorithm: text(SSEAlgorithm) as "AES256",
                  KMSMasterKeyID: text(KMSMasterKeyID),
                },
              }),
            };
          }),
        },
      }),
    drop: (ctx, Bucket) => ctx.call.s3.deleteBucketEncryption({ Bucket }),
  },
  {
    property: "WebsiteConfiguration",
    put: (ctx, Bucket, value) =>
      ctx.call.s3.putBucketWebsite({ Bucket, WebsiteConfiguration: websiteConfiguration(value) }),
    drop: (ctx, Bucket) => ctx.call.s3.deleteBucketWebsite({ Bucket }),
  },
  {
    property: "CorsConfiguration",
    put: (ctx, Bucket, value) =>
      ctx.call.s3.putBucketCors({ Bucket, CORSConfiguration: { CORSRules: corsRules(value) } }),
    drop: (ctx, Bucket) => ctx.call.s3.deleteBucketCors({ Bucket }),
  },
  {
    property: "LifecycleConfiguration",
    put: (ctx, Bucket, value) =>
      ctx.call.s3.putBucketLifecycleConfiguration({
        Bucket,
        LifecycleConfiguration: { Rules: lifecycleRules(value) },
        TransitionDefaultMinimumObjectSize: text(node(value)["TransitionDefaultMinimumObjectSize"]) as
          | "varies_by_storage_class"
          | undefined,
      }),
    drop: (ctx, Bucket) => ctx.call.s3.deleteBucketLifecycle({ Bucket }),
  },
  {
    property: "LoggingConfiguration",
    put: (ctx, Bucket, value) => {
      const { DestinationBucketName, LogFilePrefix } = node(value);
      const LoggingEnabled = {
        TargetBucket: text(DestinationBucketName) ?? Bucket,
        TargetPrefix: text(LogFilePrefix) ?? "",
      };
      return ctx.call.s3.putBucketLogging({ Bucket, BucketLoggingStatus: { LoggingEnabled } });
    },
    drop: (ctx, Bucket) => ctx.call.s3.putBucketLogging({ Bucket, BucketLoggingStatus: {} }),
  },
  {
    property: "NotificationConfiguration",
    put: (ctx, Bucket, value) =>
      ctx.call.s3.putBucketNotificationConfiguration({
        Bucket,
        NotificationConfiguration: notificationConfiguration(value),
      }),
    drop: (ctx, Bucket) => ctx.call.s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: {} }),
  },
  {
    property: "AccelerateConfiguration",
    put: (ctx, Bucket, value) =>
      ctx.call.s3.putBucketAccelerateConfiguration({
        Bucket,
        AccelerateConfiguration: { Status: text(node(value)["AccelerationStatus"]) as "Enabled" },
      }),
    drop: (ctx, Bucket) =>
      ctx.call.s3.putBucketAccelerateConfiguration({ Bucket, AccelerateConfiguration: { Status: "Suspended" } }),
  },
  listSetting(
    "AnalyticsConfigurations",
    analyticsConfiguration,
    (ctx, Bucket, each) =>
      ctx.call.s3.putBucketAnalyticsConfiguration({ Bucket, Id: each.Id, AnalyticsConfiguration: each }),
    (ctx, Bucket, Id) => ctx.call.s3.deleteBucketAnalyticsConfiguration({ Bucket, Id }),
  ),
  listSetting(
    "IntelligentTieringConfigurations",
    intelligentTieringConfiguration,
    (ctx, Bucket, each) =>
      ctx.call.s3.putBucketIntelligentTieringConfiguration({
        Bucket,
        Id: each.Id,
        IntelligentTieringConfiguration: each,
      }),
    (ctx, Bucket, Id) => ctx.call.s3.deleteBucketIntelligentTieringConfiguration({ Bucket, Id }),
  ),
  listSetting(
    "InventoryConfigurations",
    inventoryConfiguration,
    (ctx, Bucket, each) =>
      ctx.call.s3.putBucketInventoryConfiguration({ Bucket, Id: each.Id, InventoryConfiguration: each }),
    (ctx, Bucket, Id) => ctx.call.s3.deleteBucketInventoryConfiguration({ Bucket, Id }),
  ),
  listSetting(
    "MetricsConfigurations",
    metricsConfiguration,
    (ctx, Bucket, each) =>
      ctx.call.s3.putBucketMetricsConfiguration({ Bucket, Id: each.Id, MetricsConfiguration: each }),
    (ctx, Bucket, Id) => ctx.call.s3.deleteBucketMetricsConfiguration({ Bucket, Id }),
  ),
];
