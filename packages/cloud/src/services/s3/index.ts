import { defineService } from "../../kernel/service.ts";
import { blobRemoval, namesBlob } from "./blob-removal.ts";
import { crossOrigin } from "./cross-origin.ts";
import { getBucketAcl, getObjectAcl, putBucketAcl, putObjectAcl } from "./operations/acl.ts";
import { deleteBucketCors, deleteBucketLifecycle, deleteBucketReplication, deleteBucketTagging, deleteBucketWebsite, getBucketAccelerateConfiguration, getBucketCors, getBucketLifecycleConfiguration, getBucketLogging, getBucketNotificationConfiguration, getBucketReplication, getBucketRequestPayment, getBucketTagging, getBucketWebsite, putBucketAccelerateConfiguration, putBucketCors, putBucketLifecycleConfiguration, putBucketLogging, putBucketNotificationConfiguration, putBucketReplication, putBucketRequestPayment, putBucketTagging, putBucketWebsite } from "./operations/bucket-configurations.ts";
import { deleteBucketPolicy, getBucketPolicy, getBucketPolicyStatus, putBucketPolicy } from "./operations/bucket-policy.ts";
import { deleteBucketEncryption, deleteBucketOwnershipControls, deletePublicAccessBlock, getBucketEncryption, getBucketOwnershipControls, getBucketVersioning, getPublicAccessBlock, putBucketEncryption, putBucketOwnershipControls, putBucketVersioning, putPublicAccessBlock } from "./operations/bucket-settings.ts";
import { deleteBucket, getBucketLocation, headBucket, listBuckets } from "./operations/buckets.ts";
import { completeMultipartUpload } from "./operations/complete-multipart-upload.ts";
import { copyObject } from "./operations/copy-object.ts";
import { createBucket } from "./operations/create-bucket.ts";
import { abortMultipartUpload, createMultipartUpload } from "./operations/create-multipart-upload.ts";
import { deleteObject, deleteObjects } from "./operations/delete-object.ts";
import { getObjectAttributes } from "./operations/get-object-attributes.ts";
import { getObject, headObject } from "./operations/get-object.ts";
import { listMultipartUploads, listParts } from "./operations/list-multipart.ts";
import { listObjectVersions } from "./operations/list-object-versions.ts";
import { listObjects, listObjectsV2 } from "./operations/list-objects.ts";
import { deleteBucketAnalyticsConfiguration, deleteBucketIntelligentTieringConfiguration, deleteBucketInventoryConfiguration, deleteBucketMetricsConfiguration, getBucketAnalyticsConfiguration, getBucketIntelligentTieringConfiguration, getBucketInventoryConfiguration, getBucketMetricsConfiguration, listBucketAnalyticsConfigurations, listBucketIntelligentTieringConfigurations, listBucketInventoryConfigurations, listBucketMetricsConfigurations, putBucketAnalyticsConfiguration, putBucketIntelligentTieringConfiguration, putBucketInventoryConfiguration, putBucketMetricsConfiguration } from "./operations/numbered-configurations.ts";
import { getObjectLegalHold, getObjectLockConfiguration, getObjectRetention, putObjectLegalHold, putObjectLockConfiguration, putObjectRetention } from "./operations/object-lock.ts";
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from "./operations/object-tagging.ts";
import { putObject } from "./operations/put-object.ts";
import { uploadPart, uploadPartCopy } from "./operations/upload-part.ts";
import { bucketPolicy } from "./resources/bucket-policy.ts";
import { bucket } from "./resources/bucket.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";
import { website } from "./website/route.ts";

export const s3 = defineService<Sdk>({
  id: "s3",
  scope: "regional",
  tables,
  operations: {
    abortMultipartUpload,
    completeMultipartUpload,
    copyObject,
    createBucket,
    createMultipartUpload,
    deleteBucket,
    deleteBucketAnalyticsConfiguration,
    deleteBucketCors,
    deleteBucketEncryption,
    deleteBucketIntelligentTieringConfiguration,
    deleteBucketInventoryConfiguration,
    deleteBucketLifecycle,
    deleteBucketMetricsConfiguration,
    deleteBucketOwnershipControls,
    deleteBucketPolicy,
    deleteBucketReplication,
    deleteBucketTagging,
    deleteBucketWebsite,
    deleteObject,
    deleteObjectTagging,
    deleteObjects,
    deletePublicAccessBlock,
    getBucketAccelerateConfiguration,
    getBucketAcl,
    getBucketAnalyticsConfiguration,
    getBucketCors,
    getBucketEncryption,
    getBucketIntelligentTieringConfiguration,
    getBucketInventoryConfiguration,
    getBucketLifecycleConfiguration,
    getBucketLocation,
    getBucketLogging,
    getBucketMetricsConfiguration,
    getBucketNotificationConfiguration,
    getBucketOwnershipControls,
    getBucketPolicy,
    getBucketPolicyStatus,
    getBucketReplication,
    getBucketRequestPayment,
    getBucketTagging,
    getBucketVersioning,
    getBucketWebsite,
    getObject,
    getObjectAcl,
    getObjectAttributes,
    getObjectLegalHold,
    getObjectLockConfiguration,
    getObjectRetention,
    getObjectTagging,
    getPublicAccessBlock,
    headBucket,
    headObject,
    listBucketAnalyticsConfigurations,
    listBucketIntelligentTieringConfigurations,
    listBucketInventoryConfigurations,
    listBucketMetricsConfigurations,
    listBuckets,
    listMultipartUploads,
    listObjectVersions,
    listObjects,
    listObjectsV2,
    listParts,
    putBucketAccelerateConfiguration,
    putBucketAcl,
    putBucketAnalyticsConfiguration,
    putBucketCors,
    putBucketEncryption,
    putBucketIntelligentTieringConfiguration,
    putBucketInventoryConfiguration,
    putBucketLifecycleConfiguration,
    putBucketLogging,
    putBucketMetricsConfiguration,
    putBucketNotificationConfiguration,
    putBucketOwnershipControls,
    putBucketPolicy,
    putBucketReplication,
    putBucketRequestPayment,
    putBucketTagging,
    putBucketVersioning,
    putBucketWebsite,
    putObject,
    putObjectAcl,
    putObjectLegalHold,
    putObjectLockConfiguration,
    putObjectRetention,
    putObjectTagging,
    putPublicAccessBlock,
    uploadPart,
    uploadPartCopy,
  },
  controllers: [blobRemoval],
  routes: [website],
  crossOrigin,
  namesBlob,
  resources: { "AWS::S3::Bucket": bucket, "AWS::S3::BucketPolicy": bucketPolicy },
});
