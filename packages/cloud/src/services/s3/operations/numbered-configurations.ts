import type { Handler } from "../../../kernel/service.ts";
import { errors, invalidArgument } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { listConfigurations, loadConfiguration, removeConfiguration, saveConfiguration } from "../settings.ts";

// A bucket can have many of each of these; an id tells them apart.

/** The configuration that was asked for. @throws AwsError `NoSuchConfiguration` if there is none */
function existing<T>(found: T | undefined): T {
  if (found === undefined) throw errors.NoSuchConfiguration("The specified configuration does not exist.");
  return found;
}

function requireRemoved(removed: boolean): void {
  existing(removed ? true : undefined);
}

function checkId(id: string, own: string | undefined): void {
  if (own !== id) throw invalidArgument("id", id, "The configuration's Id is not the one that the request names.");
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAnalyticsConfiguration.html */
export const putBucketAnalyticsConfiguration: Handler<Sdk, "putBucketAnalyticsConfiguration"> = (ctx, input) => {
  checkId(input.Id, input.AnalyticsConfiguration.Id);
  saveConfiguration(ctx, "s3:PutAnalyticsConfiguration", input, "analytics", input.AnalyticsConfiguration, input.Id);
  return {};
};

export const getBucketAnalyticsConfiguration: Handler<Sdk, "getBucketAnalyticsConfiguration"> = (ctx, input) => ({
  AnalyticsConfiguration: existing(
    loadConfiguration(ctx, "s3:GetAnalyticsConfiguration", input, "analytics", input.Id),
  ),
});

export const deleteBucketAnalyticsConfiguration: Handler<Sdk, "deleteBucketAnalyticsConfiguration"> = (ctx, input) => {
  requireRemoved(removeConfiguration(ctx, "s3:PutAnalyticsConfiguration", input, "analytics", input.Id));
  return {};
};

export const listBucketAnalyticsConfigurations: Handler<Sdk, "listBucketAnalyticsConfigurations"> = (ctx, input) => ({
  IsTruncated: false,
  AnalyticsConfigurationList: listConfigurations(ctx, "s3:GetAnalyticsConfiguration", input, "analytics"),
});

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html */
export const putBucketInventoryConfiguration: Handler<Sdk, "putBucketInventoryConfiguration"> = (ctx, input) => {
  checkId(input.Id, input.InventoryConfiguration.Id);
  saveConfiguration(ctx, "s3:PutInventoryConfiguration", input, "inventory", input.InventoryConfiguration, input.Id);
  return {};
};

export const getBucketInventoryConfiguration: Handler<Sdk, "getBucketInventoryConfiguration"> = (ctx, input) => ({
  InventoryConfiguration: existing(
    loadConfiguration(ctx, "s3:GetInventoryConfiguration", input, "inventory", input.Id),
  ),
});

export const deleteBucketInventoryConfiguration: Handler<Sdk, "deleteBucketInventoryConfiguration"> = (ctx, input) => {
  requireRemoved(removeConfiguration(ctx, "s3:PutInventoryConfiguration", input, "inventory", input.Id));
  return {};
};

export const listBucketInventoryConfigurations: Handler<Sdk, "listBucketInventoryConfigurations"> = (ctx, input) => ({
  IsTruncated: false,
  InventoryConfigurationList: listConfigurations(ctx, "s3:GetInventoryConfiguration", input, "inventory"),
});

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketMetricsConfiguration.html */
export const putBucketMetricsConfiguration: Handler<Sdk, "putBucketMetricsConfiguration"> = (ctx, input) => {
  checkId(input.Id, input.MetricsConfiguration.Id);
  saveConfiguration(ctx, "s3:PutMetricsConfiguration", input, "metrics", input.MetricsConfiguration, input.Id);
  return {};
};

export const getBucketMetricsConfiguration: Handler<Sdk, "getBucketMetricsConfiguration"> = (ctx, input) => ({
  MetricsConfiguration: existing(loadConfiguration(ctx, "s3:GetMetricsConfiguration", input, "metrics", input.Id)),
});

export const deleteBucketMetricsConfiguration: Handler<Sdk, "deleteBucketMetricsConfiguration"> = (ctx, input) => {
  requireRemoved(removeConfiguration(ctx, "s3:PutMetricsConfiguration", input, "metrics", input.Id));
  return {};
};

export const listBucketMetricsConfigurations: Handler<Sdk, "listBucketMetricsConfigurations"> = (ctx, input) => ({
  IsTruncated: false,
  MetricsConfigurationList: listConfigurations(ctx, "s3:GetMetricsConfiguration", input, "metrics"),
});

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketIntelligentTieringConfiguration.html */
export const putBucketIntelligentTieringConfiguration: Handler<Sdk, "putBucketIntelligentTieringConfiguration"> = (
  ctx,
  input,
) => {
  checkId(input.Id, input.IntelligentTieringConfiguration.Id);
  saveConfiguration(
    ctx,
    "s3:PutIntelligentTieringConfiguration",
    input,
    "intelligent-tiering",
    input.IntelligentTieringConfiguration,
    input.Id,
  );
  return {};
};

export const getBucketIntelligentTieringConfiguration: Handler<Sdk, "getBucketIntelligentTieringConfiguration"> = (
  ctx,
  input,
) => ({
  IntelligentTieringConfiguration: existing(
    loadConfiguration(ctx, "s3:GetIntelligentTieringConfiguration", input, "intelligent-tiering", input.Id),
  ),
});

export const deleteBucketIntelligentTieringConfiguration: Handler<
  Sdk,
  "deleteBucketIntelligentTieringConfiguration"
> = (ctx, input) => {
  requireRemoved(
    removeConfiguration(ctx, "s3:PutIntelligentTieringConfiguration", input, "intelligent-tiering", input.Id),
  );
  return {};
};

export const listBucketIntelligentTieringConfigurations: Handler<Sdk, "listBucketIntelligentTieringConfigurations"> = (
  ctx,
  input,
) => ({
  IsTruncated: false,
  IntelligentTieringConfigurationList: listConfigurations(
    ctx,
    "s3:GetIntelligentTieringConfiguration",
    input,
    "intelligent-tiering",
  ),
});
