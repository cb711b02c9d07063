import type { Handler } from "../../../kernel/service.ts";
import { encryptionMembers, readAttributes, readEncryption } from "../attributes.ts";
import { readBody, receive, storing } from "../bodies.ts";
import { checksumMembers } from "../checksums.ts";
import type { Algorithm } from "../checksums.ts";
import { openCopySource } from "../copy-source.ts";
import { errors, invalidArgument } from "../errors.ts";
import { emitCreated } from "../events.ts";
import { readAlgorithm } from "../integrity.ts";
import { largestPutBytes } from "../limits.ts";
import { quoted, shownVersionId } from "../model.ts";
import type { ObjectAttributes } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { putObjectVersion } from "../versions.ts";
import { openForWrite, requireWritable } from "../writing.ts";

function directive(name: string, value: string | undefined): "COPY" | "REPLACE" {
  if (value === undefined || value === "COPY") return "COPY";
  if (value === "REPLACE") return "REPLACE";
  throw invalidArgument(
    name,
    value,
    name === "x-amz-metadata-directive" ? "Unknown metadata directive." : "Unknown tagging directive.",
  );
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const copyObject: Handler<Sdk, "copyObject"> = async (ctx, input) => {
  const { Bucket: name, Key: key } = input;
  const { bucket, home } = openForWrite(ctx, input);
  const metadataDirective = directive("x-amz-metadata-directive", input.MetadataDirective);
  const taggingDirective = directive("x-amz-tagging-directive", input.TaggingDirective);
  const from = openCopySource(ctx, input);
  const { source, object } = from;
  if (object.sizeBytes > largestPutBytes) {
    throw errors.InvalidRequest(
      `The specified copy source is larger than the maximum allowable size for a copy source: ${largestPutBytes}`,
    );
  }
  const changes = [
    input.ServerSideEncryption,
    input.WebsiteRedirectLocation,
    input.SSEKMSKeyId,
    input.BucketKeyEnabled,
    input.ChecksumAlgorithm,
  ];
  const storageClassChanges = input.StorageClass !== undefined && input.StorageClass !== object.storageClass;
  const ontoItself = source.bucket === name && source.key === key && source.versionId === undefined;
  if (
    ontoItself &&
    metadataDirective === "COPY" &&
    taggingDirective === "COPY" &&
    !storageClassChanges &&
    changes.every((change) => change === undefined)
  ) {
    throw errors.InvalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }

  const given = readAttributes(home, bucket, input);
  const attributes: ObjectAttributes = {
    ...given,
    ...(metadataDirective === "COPY" && { headers: object.headers, metadata: object.metadata }),
    ...(taggingDirective === "COPY" && { tags: object.tags }),
    encryption: readEncryption(home, bucket, input),
  };
  const conditions = { ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch };
  requireWritable(home, bucket, key, conditions);

  const algorithm = readAlgorithm(input.ChecksumAlgorithm) ?? object.checksum?.algorithm ?? "CRC64NVME";
  const arrived = await receive(
    home,
    readBody(from.home, object.body, object.sizeBytes),
    new Set<Algorithm>(["MD5", algorithm]),
  );
  const etag = Buffer.from(arrived.digests.get("MD5") ?? "", "base64").toString("hex");
  const checksum = { algorithm, value: arrived.digests.get(algorithm) ?? "", type: "FULL_OBJECT" as const };
  const stored = await storing(home, arrived, (body) => {
    requireWritable(home, bucket, key, conditions);
    const copy = putObjectVersion(home, bucket, key, {
      ...attributes,
      etag,
      sizeBytes: arrived.sizeBytes,
      checksum,
      body,
    });
    emitCreated(ctx, home, bucket, key, copy, "CopyObject");
    return copy;
  });
  return {
    CopyObjectResult: {
      ETag: quoted(etag),
      LastModified: new Date(stored.lastModified),
      ...checksumMembers(checksum),
      ChecksumType: checksum.type,
    },
    CopySourceVersionId: shownVersionId(from.bucket, object),
    VersionId: shownVersionId(bucket, stored),
    ...encryptionMembers(stored.encryption),
  };
};
