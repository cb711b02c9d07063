import type { Handler } from "../../../kernel/service.ts";
import { corsFault } from "../cors.ts";
import { errors, invalidArgument, malformedXml } from "../errors.ts";
import { checkDestinations, tellTest } from "../notifications/telling.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { mostBucketTags, readTags } from "../tags.ts";
import { websiteFault } from "../website/plan.ts";
import { loadConfiguration, removeConfiguration, saveConfiguration, openSetting } from "../settings.ts";

// A bucket has at most one of each of these.

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketCors.html */
export const getBucketCors: Handler<Sdk, "getBucketCors"> = (ctx, input) => {
  const found = loadConfiguration(ctx, "s3:GetBucketCORS", input, "cors");
  if (found === undefined)
    throw errors.NoSuchCORSConfiguration("The CORS configuration does not exist", { BucketName: input.Bucket });
  return { CORSRules: found.CORSRules };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html */
export const putBucketCors: Handler<Sdk, "putBucketCors"> = (ctx, input) => {
  const fault = corsFault(input.CORSConfiguration.CORSRules ?? []);
  if (fault !== undefined) throw fault;
  saveConfiguration(ctx, "s3:PutBucketCORS", input, "cors", input.CORSConfiguration);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketCors.html */
export const deleteBucketCors: Handler<Sdk, "deleteBucketCors"> = (ctx, input) => {
  removeConfiguration(ctx, "s3:PutBucketCORS", input, "cors");
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketWebsite.html */
export const getBucketWebsite: Handler<Sdk, "getBucketWebsite"> = (ctx, input) => {
  const found = loadConfiguration(ctx, "s3:GetBucketWebsite", input, "website");
  if (found === undefined) {
    throw errors.NoSuchWebsiteConfiguration("The specified bucket does not have a website configuration", {
      BucketName: input.Bucket,
    });
  }
  return found;
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html */
export const putBucketWebsite: Handler<Sdk, "putBucketWebsite"> = (ctx, input) => {
  const fault = websiteFault(input.WebsiteConfiguration);
  if (fault !== undefined) throw fault;
  saveConfiguration(ctx, "s3:PutBucketWebsite", input, "website", input.WebsiteConfiguration);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketWebsite.html */
export const deleteBucketWebsite: Handler<Sdk, "deleteBucketWebsite"> = (ctx, input) => {
  removeConfiguration(ctx, "s3:DeleteBucketWebsite", input, "website");
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html */
export const getBucketTagging: Handler<Sdk, "getBucketTagging"> = (ctx, input) => {
  const found = loadConfiguration(ctx, "s3:GetBucketTagging", input, "tagging");
  if (found === undefined) throw errors.NoSuchTagSet("The TagSet does not exist", { BucketName: input.Bucket });
  return { TagSet: found.TagSet };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html */
export const putBucketTagging: Handler<Sdk, "putBucketTagging"> = (ctx, input) => {
  const { TagSet = [] } = input.Tagging;
  readTags(TagSet, mostBucketTags);
  saveConfiguration(ctx, "s3:PutBucketTagging", input, "tagging", { TagSet });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html */
export const deleteBucketTagging: Handler<Sdk, "deleteBucketTagging"> = (ctx, input) => {
  removeConfiguration(ctx, "s3:PutBucketTagging", input, "tagging");
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html */
export const getBucketLifecycleConfiguration: Handler<Sdk, "getBucketLifecycleConfiguration"> = (ctx, input) => {
  const found = loadConfiguration(ctx, "s3:GetLifecycleConfiguration", input, "lifecycle");
  if (found === undefined) {
    throw errors.NoSuchLifecycleConfiguration("The lifecycle configuration does not exist", {
      BucketName: input.Bucket,
    });
  }
  return { Rules: found.Rules, TransitionDefaultMinimumObjectSize: found.TransitionDefaultMinimumObjectSize };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html */
export const putBucketLifecycleConfiguration: Handler<Sdk, "putBucketLifecycleConfiguration"> = (ctx, input) => {
  const rules = input.LifecycleConfiguration?.Rules ?? [];
  if (rules.length === 0 || rules.length > 1000) throw malformedXml();
  const ids = rules.flatMap(({ ID }) => ID ?? []);
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined)
    throw invalidArgument("ID", repeated, "Rule ID must be unique. Found same ID for more than one rule");
  for (const rule of rules) {
    if (rule.Status !== "Enabled" && rule.Status !== "Disabled") throw malformedXml();
    const actions = [
      rule.Expiration,
      rule.Transitions,
      rule.NoncurrentVersionExpiration,
      rule.NoncurrentVersionTransitions,
      rule.AbortIncompleteMultipartUpload,
    ];
    if (actions.every((action) => action === undefined))
      throw errors.InvalidRequest("At least one action needs to be specified in a rule");
    if (rule.Expiration?.Days !== undefined && rule.Expiration.Days <= 0) {
      throw errors.InvalidArgument("'Days' for Expiration action must be a positive integer");
    }
  }
  const TransitionDefaultMinimumObjectSize = input.TransitionDefaultMinimumObjectSize ?? "all_storage_classes_128K";
  const Rules = rules.map((rule) => ({ ...rule, ID: rule.ID ?? ctx.ids.uuid() }));
  saveConfiguration(ctx, "s3:PutLifecycleConfiguration", input, "lifecycle", {
    Rules,
    TransitionDefaultMinimumObjectSize,
  });
  return { TransitionDefaultMinimumObjectSize };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketLifecycle.html */
export const deleteBucketLifecycle: Handler<Sdk, "deleteBucketLifecycle"> = (ctx, input) => {
  removeConfiguration(ctx, "s3:PutLifecycleConfiguration", input, "lifecycle");
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLogging.html */
export const getBucketLogging: Handler<Sdk, "getBucketLogging"> = (ctx, input) => {
  const found = loadConfiguration(ctx, "s3:GetBucketLogging", input, "logging");
  return found === undefined ? {} : { LoggingEnabled: found };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html */
export const putBucketLogging: Handler<Sdk, "putBucketLogging"> = (ctx, input) => {
  const { LoggingEnabled: logging } = input.BucketLoggingStatus;
  if (logging === undefined) {
    removeConfiguration(ctx, "s3:PutBucketLogging", input, "logging");
    return {};
  }
  const { bucket } = openSetting(ctx, "s3:PutBucketLogging", input);
  const target = logging.TargetBucket === undefined ? undefined : ctx.table(tables.buckets).get(logging.TargetBucket);
  if (target === undefined || target.account !== bucket.account || target.region !== bucket.region) {
    throw errors.InvalidTargetBucketForLogging(
      "The target bucket for logging does not exist, is not owned by you, or does not have the appropriate grants for the log-delivery group.",
      { TargetBucket: logging.TargetBucket },
    );
  }
  saveConfiguration(ctx, "s3:PutBucketLogging", input, "logging", logging);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html */
export const getBucketNotificationConfiguration: Handler<Sdk, "getBucketNotificationConfiguration"> = (ctx, input) =>
  loadConfiguration(ctx, "s3:GetBucketNotification", input, "notification") ?? {};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html */
export const putBucketNotificationConfiguration: Handler<Sdk, "putBucketNotificationConfiguration"> = async (
  ctx,
  input,
) => {
  if (input.SkipDestinationValidation !== true) await checkDestinations(ctx, input.NotificationConfiguration);
  const { TopicConfigurations, QueueConfigurations, LambdaFunctionConfigurations, EventBridgeConfiguration } =
    input.NotificationConfiguration;
  const named = <T extends { Id?: string | undefined }>(list: readonly T[] | undefined) =>
    list?.map((each) => ({ ...each, Id: each.Id ?? ctx.ids.uuid() }));
  ctx.transaction(() =>
    saveConfiguration(ctx, "s3:PutBucketNotification", input, "notification", {
      TopicConfigurations: named(TopicConfigurations),
      QueueConfigurations: named(QueueConfigurations),
      LambdaFunctionConfigurations: named(LambdaFunctionConfigurations),
      EventBridgeConfiguration,
    }),
  );
  if (input.SkipDestinationValidation !== true) await tellTest(ctx, input.Bucket, input.NotificationConfiguration);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketReplication.html */
export const getBucketReplication: Handler<Sdk, "getBucketReplication"> = (ctx, input) => {
  const found = loadConfiguration(ctx, "s3:GetReplicationConfiguration", input, "replication");
  if (found === undefined) {
    throw errors.ReplicationConfigurationNotFoundError("The replication configuration was not found", {
      BucketName: input.Bucket,
    });
  }
  return { ReplicationConfiguration: found };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html */
export const putBucketReplication: Handler<Sdk, "putBucketReplication"> = (ctx, input) => {
  const { bucket } = openSetting(ctx, "s3:PutReplicationConfiguration", input);
  if (bucket.versioning !== "Enabled") {
    throw errors.InvalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration");
  }
  saveConfiguration(ctx, "s3:PutReplicationConfiguration", input, "replication", input.ReplicationConfiguration);
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketReplication.html */
export const deleteBucketReplication: Handler<Sdk, "deleteBucketReplication"> = (ctx, input) => {
  removeConfiguration(ctx, "s3:PutReplicationConfiguration", input, "replication");
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAccelerateConfiguration.html */
export const getBucketAccelerateConfiguration: Handler<Sdk, "getBucketAccelerateConfiguration"> = (ctx, input) =>
  loadConfiguration(ctx, "s3:GetAccelerateConfiguration", input, "accelerate") ?? {};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAccelerateConfiguration.html */
export const putBucketAccelerateConfiguration: Handler<Sdk, "putBucketAccelerateConfiguration"> = (ctx, input) => {
  const { Status: status } = input.AccelerateConfiguration;
  if (status !== "Enabled" && status !== "Suspended") throw malformedXml();
  if (input.Bucket.includes("."))
    throw errors.InvalidRequest(
      "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
    );
  saveConfiguration(ctx, "s3:PutAccelerateConfiguration", input, "accelerate", { Status: status });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketRequestPayment.html */
export const getBucketRequestPayment: Handler<Sdk, "getBucketRequestPayment"> = (ctx, input) =>
  loadConfiguration(ctx, "s3:GetBucketRequestPayment", input, "request-payment") ?? { Payer: "BucketOwner" };

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketRequestPayment.html */
export const putBucketRequestPayment: Handler<Sdk, "putBucketRequestPayment"> = (ctx, input) => {
  const { Payer: payer } = input.RequestPaymentConfiguration;
  if (payer !== "BucketOwner" && payer !== "Requester") throw malformedXml();
  saveConfiguration(ctx, "s3:PutBucketRequestPayment", input, "request-payment", { Payer: payer });
  return {};
};
