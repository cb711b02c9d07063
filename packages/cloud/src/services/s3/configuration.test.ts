import {
  CreateBucketCommand,
  DeleteBucketCorsCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketReplicationCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetBucketWebsiteCommand,
  GetObjectAclCommand,
  GetObjectRetentionCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListBucketMetricsConfigurationsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketMetricsConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketReplicationCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutBucketWebsiteCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  S3,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../kernel/context.ts";
import { AwsError } from "../../kernel/errors.ts";
import type { ResourceRequest } from "../../kernel/resource.ts";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { emitCreated, emitDeleted } from "./events.ts";
import type { Bucket as BucketRow, StoredObject } from "./model.ts";
import { bucketPolicy } from "./resources/bucket-policy.ts";
import { cannedAcl } from "./resources/bucket-properties.ts";
import { bucket as bucketResource } from "./resources/bucket.ts";

const Bucket = "configured";
let cloud: TestCloud;
let s3: S3Client;
beforeAll(async () => {
  cloud = await startTestCloud();
  s3 = cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => cloud.stop());

describe("a bucket's configuration", () => {
  it("begins as AWS's does", async () => {
    expect((await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    expect((await s3.send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer).toBe("BucketOwner");
    expect((await s3.send(new GetBucketAclCommand({ Bucket }))).Grants).toMatchObject([{ Permission: "FULL_CONTROL" }]);
    expect(await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).not.toHaveProperty(
      "EventBridgeConfiguration",
    );
  });

  it.each([
    [new GetBucketCorsCommand({ Bucket }), "NoSuchCORSConfiguration"],
    [new GetBucketWebsiteCommand({ Bucket }), "NoSuchWebsiteConfiguration"],
    [new GetBucketTaggingCommand({ Bucket }), "NoSuchTagSet"],
    [new GetBucketLifecycleConfigurationCommand({ Bucket }), "NoSuchLifecycleConfiguration"],
    [new GetBucketReplicationCommand({ Bucket }), "ReplicationConfigurationNotFoundError"],
    [new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration: {} }), "InvalidArgument"],
    [
      new PutBucketReplicationCommand({
        Bucket,
        ReplicationConfiguration: {
          Role: "r",
          Rules: [{ Status: "Enabled", Destination: { Bucket: "arn:aws:s3:::x" } }],
        },
      }),
      "InvalidRequest",
    ],
    [
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: { Rules: [{ Status: "Enabled", Filter: { Prefix: "" } }] },
      }),
      "InvalidRequest",
    ],
  ])("that is missing or wrong is told as %#", async (command, name) => {
    await expect(s3.send(command as GetBucketCorsCommand)).rejects.toMatchObject({ name });
  });

  it("comes back as it was put", async () => {
    const Rules = [
      {
        ID: "old",
        Status: "Enabled" as const,
        Filter: { And: { Prefix: "logs/", Tags: [{ Key: "a", Value: "b" }] } },
        Expiration: { Days: 30 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
    ];
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
    expect((await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).toEqual(Rules);

    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: { EventBridgeConfiguration: {} },
      }),
    );
    expect(await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).toMatchObject({
      EventBridgeConfiguration: {},
    });

    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "team", Value: "web" }] } }));
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([{ Key: "team", Value: "web" }]);

    for (const Id of ["b", "a"])
      await s3.send(new PutBucketMetricsConfigurationCommand({ Bucket, Id, MetricsConfiguration: { Id } }));
    expect(
      (await s3.send(new ListBucketMetricsConfigurationsCommand({ Bucket }))).MetricsConfigurationList?.map(
        ({ Id }) => Id,
      ),
    ).toEqual(["a", "b"]);
    await s3.send(new DeleteBucketCorsCommand({ Bucket }));
  });

  it("decides how new objects say that they are encrypted", async () => {
    const byDefault = { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID: "1234" };
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: true }],
        },
      }),
    );
    expect(
      (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration?.Rules,
    ).toEqual([{ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: true }]);
    await s3.send(new PutObjectCommand({ Bucket, Key: "kms", Body: "x" }));
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "kms" }))).toMatchObject({
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId: "arn:aws:kms:us-east-1:000000000000:key/1234",
      BucketKeyEnabled: true,
    });
    await s3.send(new PutObjectCommand({ Bucket, Key: "aes", Body: "x", ServerSideEncryption: "AES256" }));
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: "aes" }))).ServerSideEncryption).toBe("AES256");
    expect((await s3.send(new GetObjectAclCommand({ Bucket, Key: "aes" }))).Grants).toMatchObject([
      { Permission: "FULL_CONTROL" },
    ]);
  });
});

describe("Object Lock", () => {
  const locked = { Bucket: "locked", Key: "k" };
  beforeAll(() => s3.send(new CreateBucketCommand({ Bucket: "locked", ObjectLockEnabledForBucket: true })));

  it("keeps a version until its time has come, and a legal hold until it is lifted", async () => {
    const until = new Date(Math.ceil(cloud.clock.now() / 1000) * 1000 + 3_600_000);
    const { VersionId } = await s3.send(
      new PutObjectCommand({ ...locked, Body: "x", ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: until }),
    );
    const remove = (more: object = {}) => s3.send(new DeleteObjectCommand({ ...locked, VersionId, ...more }));
    expect((await s3.send(new GetObjectRetentionCommand(locked))).Retention).toEqual({
      Mode: "COMPLIANCE",
      RetainUntilDate: until,
    });
    await expect(remove({ BypassGovernanceRetention: true })).rejects.toMatchObject({ name: "AccessDenied" });
    const sooner = { Mode: "COMPLIANCE" as const, RetainUntilDate: new Date(until.getTime() - 1000) };
    await expect(s3.send(new PutObjectRetentionCommand({ ...locked, Retention: sooner }))).rejects.toMatchObject({
      name: "AccessDenied",
    });
    await s3.send(new PutObjectLegalHoldCommand({ ...locked, LegalHold: { Status: "ON" } }));
    await cloud.clock.advance({ hours: 2 });
    const many = await s3.send(
      new DeleteObjectsCommand({ Bucket: "locked", Delete: { Objects: [{ Key: "k", VersionId }] } }),
    );
    expect(many.Errors).toMatchObject([{ Code: "AccessDenied", Key: "k" }]);
    await s3.send(new PutObjectLegalHoldCommand({ ...locked, LegalHold: { Status: "OFF" } }));
    await remove();
    await expect(
      s3.send(new PutBucketVersioningCommand({ Bucket: "locked", VersioningConfiguration: { Status: "Suspended" } })),
    ).rejects.toMatchObject({ name: "InvalidBucketState" });
  });

  it("lets go of a governed version for those who may bypass it", async () => {
    const until = new Date(cloud.clock.now() + 3_600_000);
    const { VersionId } = await s3.send(
      new PutObjectCommand({ ...locked, Body: "x", ObjectLockMode: "GOVERNANCE", ObjectLockRetainUntilDate: until }),
    );
    await expect(s3.send(new DeleteObjectCommand({ ...locked, VersionId }))).rejects.toMatchObject({
      name: "AccessDenied",
    });
    await s3.send(new DeleteObjectCommand({ ...locked, VersionId, BypassGovernanceRetention: true }));
  });
});

describe("CloudFormation", () => {
  const request: ResourceRequest = {
    stackName: "stack",
    stackId: "arn:stack",
    logicalId: "Site",
    token: "1",
    generatedName: () => "stack-site-1",
    policies: {},
    signals: () => [],
    memory: undefined,
    remember: () => {},
    tell: () => {},
    made: () => {},
    tags: [
      { Key: "aws:cloudformation:stack-id", Value: "arn:stack" },
      { Key: "aws:cloudformation:logical-id", Value: "Site" },
    ],
  };

  /** Operations as a resource calls them, by way of the official client. */
  function context(): Context {
    const client = cloud.client(S3) as unknown as Record<string, (input: object) => Promise<object>>;
    const call = (operation: string) => async (input: object) => {
      try {
        return await client[operation]?.(input);
      } catch (error) {
        if (!(error instanceof S3ServiceException)) throw error;
        throw new AwsError(
          error.name === "NotFound" ? "NoSuchBucket" : error.name,
          error.$metadata.httpStatusCode ?? 500,
          error.message,
        );
      }
    };
    const operations = new Proxy({}, { get: (_, operation) => call(String(operation)) });
    return { region: "us-east-1", host: { endpoint: cloud.endpoint }, call: { s3: operations } } as unknown as Context;
  }

  const properties = {
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: "true",
      IgnorePublicAcls: true,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: false,
    },
    VersioningConfiguration: { Status: "Enabled" },
    WebsiteConfiguration: {
      IndexDocument: "index.html",
      ErrorDocument: "error.html",
      RoutingRules: [{ RedirectRule: { ReplaceKeyWith: "x" }, RoutingRuleCondition: { KeyPrefixEquals: "y" } }],
    },
    CorsConfiguration: {
      CorsRules: [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"], ExposedHeaders: ["ETag"], MaxAge: "60" }],
    },
    LifecycleConfiguration: {
      Rules: [
        {
          Id: "r",
          Status: "Enabled",
          Prefix: "a/",
          ExpirationInDays: "3",
          NoncurrentVersionExpiration: { NoncurrentDays: 1 },
        },
      ],
    },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
    },
    NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    MetricsConfigurations: [{ Id: "m1" }, { Id: "m2" }],
    Tags: [{ Key: "own", Value: "tag" }],
  };
  const name = { Bucket: "stack-site-1" };

  it("makes a bucket of its properties, once for the same step", async () => {
    const made = await bucketResource.create(context(), properties, request);
    const { port } = new URL(cloud.endpoint);
    expect(made).toEqual({
      status: "done",
      id: "stack-site-1",
      attributes: {
        Arn: "arn:aws:s3:::stack-site-1",
        DomainName: "stack-site-1.s3.amazonaws.com",
        RegionalDomainName: "stack-site-1.s3.us-east-1.amazonaws.com",
        DualStackDomainName: "stack-site-1.s3.dualstack.us-east-1.amazonaws.com",
        WebsiteURL: `http://stack-site-1.s3-website-us-east-1.localhost:${port}`,
      },
    });
    expect(await bucketResource.create(context(), properties, request)).toEqual(made);
    expect(await bucketResource.create(context(), { BucketName: Bucket }, request)).toEqual({
      status: "failed",
      reason: `${Bucket} already exists`,
    });
    expect((await s3.send(new GetBucketWebsiteCommand(name))).RoutingRules).toEqual([
      { Condition: { KeyPrefixEquals: "y" }, Redirect: { ReplaceKeyWith: "x" } },
    ]);
    expect((await s3.send(new GetBucketLifecycleConfigurationCommand(name))).Rules).toEqual([
      {
        ID: "r",
        Status: "Enabled",
        Filter: { Prefix: "a/" },
        Expiration: { Days: 3 },
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      },
    ]);
    expect((await s3.send(new GetBucketCorsCommand(name))).CORSRules).toEqual([
      { AllowedMethods: ["GET"], AllowedOrigins: ["*"], ExposeHeaders: ["ETag"], MaxAgeSeconds: 60 },
    ]);
    expect((await s3.send(new GetBucketTaggingCommand(name))).TagSet).toContainEqual({ Key: "own", Value: "tag" });
  });

  it("takes back what is no longer said, and deletes", async () => {
    const { WebsiteConfiguration: _, ...rest } = properties;
    await bucketResource.update?.(
      context(),
      "stack-site-1",
      { ...rest, MetricsConfigurations: [{ Id: "m2" }] },
      properties,
      request,
    );
    await expect(s3.send(new GetBucketWebsiteCommand(name))).rejects.toMatchObject({
      name: "NoSuchWebsiteConfiguration",
    });
    expect((await s3.send(new ListBucketMetricsConfigurationsCommand(name))).MetricsConfigurationList).toMatchObject([
      { Id: "m2" },
    ]);
    const PolicyDocument = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::stack-site-1/*" }],
    };
    expect(await bucketPolicy.create(context(), { ...name, PolicyDocument }, request)).toMatchObject({
      status: "done",
      id: "stack-site-1",
    });
    expect(
      await bucketPolicy.create(context(), { ...name, PolicyDocument: { ...PolicyDocument, Id: "other" } }, request),
    ).toMatchObject({ status: "failed" });
    await bucketPolicy.remove(context(), "stack-site-1", {}, request);
    await bucketResource.remove(context(), "stack-site-1", {}, request);
    expect(await bucketResource.remove(context(), "stack-site-1", {}, request)).toEqual({ status: "done" });
  });

  it("names canned ACLs as S3 does", () => {
    expect(["Private", "PublicReadWrite", "LogDeliveryWrite", "AwsExecRead"].map(cannedAcl)).toEqual([
      "private",
      "public-read-write",
      "log-delivery-write",
      "aws-exec-read",
    ]);
  });
});

it("events tell what AWS's tell", () => {
  const emitted: unknown[] = [];
  const ctx = {
    requestId: "r1",
    account: "111111111111",
    now: 255,
    table: () => ({ get: () => ({ EventBridgeConfiguration: {} }) }),
    emit: (event: unknown) => emitted.push(event),
  } as unknown as Context;
  const row = { name: "b", region: "eu-west-1", versioning: "Enabled" } as BucketRow;
  const object = { versionId: "v1", order: 255, etag: "abc", sizeBytes: 5, deleteMarker: false } as StoredObject;
  emitCreated(ctx, ctx, row, "k", object, "CopyObject");
  emitDeleted(ctx, ctx, row, "k", { versionId: "v2", order: 256, lastModified: 0, deleteMarker: true }, false);
  const common = {
    version: "0",
    bucket: { name: "b" },
    "request-id": "r1",
    requester: "111111111111",
    "source-ip-address": "127.0.0.1",
  };
  expect(emitted).toEqual([
    {
      isInternal: false,
      source: "aws.s3",
      detailType: "Object Created",
      resources: ["arn:aws:s3:::b"],
      detail: {
        ...common,
        object: { key: "k", size: 5, etag: "abc", "version-id": "v1", sequencer: "00000000000000FF" },
        reason: "CopyObject",
      },
    },
    {
      isInternal: false,
      source: "aws.s3",
      detailType: "Object Deleted",
      resources: ["arn:aws:s3:::b"],
      detail: {
        ...common,
        object: { key: "k", "version-id": "v2", sequencer: "0000000000000100" },
        reason: "DeleteObject",
        "deletion-type": "Delete Marker Created",
      },
    },
  ]);
});
