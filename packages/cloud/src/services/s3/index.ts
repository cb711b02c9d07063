import { defineService } from "../../kernel/service.ts";
import { blobRemoval, namesBlob } from "./blob-removal.ts";
import { crossOrigin } from "./cross-origin.ts";
import { notifications } from "./notifications/telling.ts";
import * as acl from "./operations/acl.ts";
import * as bucketConfigurations from "./operations/bucket-configurations.ts";
import * as bucketPolicy from "./operations/bucket-policy.ts";
import * as bucketSettings from "./operations/bucket-settings.ts";
import * as buckets from "./operations/buckets.ts";
import * as completeMultipartUpload from "./operations/complete-multipart-upload.ts";
import * as copyObject from "./operations/copy-object.ts";
import * as createBucket from "./operations/create-bucket.ts";
import * as createMultipartUpload from "./operations/create-multipart-upload.ts";
import * as deleteObject from "./operations/delete-object.ts";
import * as getObjectAttributes from "./operations/get-object-attributes.ts";
import * as getObject from "./operations/get-object.ts";
import * as listMultipart from "./operations/list-multipart.ts";
import * as listObjectVersions from "./operations/list-object-versions.ts";
import * as listObjects from "./operations/list-objects.ts";
import * as numberedConfigurations from "./operations/numbered-configurations.ts";
import * as objectLock from "./operations/object-lock.ts";
import * as objectTagging from "./operations/object-tagging.ts";
import * as putObject from "./operations/put-object.ts";
import * as uploadPart from "./operations/upload-part.ts";
import { bucketPolicy as bucketPolicyResource } from "./resources/bucket-policy.ts";
import { bucket } from "./resources/bucket.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";
import { website } from "./website/route.ts";

export const s3 = defineService<Sdk>({
  id: "s3",
  scope: "regional",
  tables,
  operations: {
    ...acl,
    ...bucketConfigurations,
    ...bucketPolicy,
    ...bucketSettings,
    ...buckets,
    ...completeMultipartUpload,
    ...copyObject,
    ...createBucket,
    ...createMultipartUpload,
    ...deleteObject,
    ...getObjectAttributes,
    ...getObject,
    ...listMultipart,
    ...listObjectVersions,
    ...listObjects,
    ...numberedConfigurations,
    ...objectLock,
    ...objectTagging,
    ...putObject,
    ...uploadPart,
  },
  controllers: [blobRemoval],
  subscriptions: [notifications],
  routes: [website],
  crossOrigin,
  namesBlob,
  resources: { "AWS::S3::Bucket": bucket, "AWS::S3::BucketPolicy": bucketPolicyResource },
});
