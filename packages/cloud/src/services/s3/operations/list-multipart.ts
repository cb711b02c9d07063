import type { MultipartUpload } from "@aws-sdk/client-s3";
import type { Handler } from "../../../kernel/service.ts";
import { openBucket } from "../access.ts";
import { checksumMembers } from "../checksums.ts";
import { keyWriter, listPage, pageSize, placeOf, prefixesOf } from "../listing.ts";
import { canonicalId, quoted } from "../model.ts";
import type { Upload } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { openUpload } from "../uploads.ts";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export const listParts: Handler<Sdk, "listParts"> = (ctx, input) => {
  const { bucket, home, upload } = openUpload(ctx, "s3:ListMultipartUploadParts", input);
  const maxParts = pageSize("max-parts", input.MaxParts);
  const marker = Number(input.PartNumberMarker ?? 0);
  const found = [];
  let truncated = false;
  for (const part of home.table(tables.parts).values({
    prefix: [upload.uploadId],
    ...(marker > 0 && { after: [upload.uploadId, marker] as [string, number] }),
  })) {
    truncated = found.length === maxParts;
    if (truncated) break;
    found.push(part);
  }
  return {
    Bucket: bucket.name,
    Key: upload.key,
    UploadId: upload.uploadId,
    PartNumberMarker: String(marker),
    MaxParts: maxParts,
    IsTruncated: truncated && maxParts > 0,
    NextPartNumberMarker: String(found.at(-1)?.number ?? 0),
    Initiator: { ID: upload.initiator },
    Owner: { ID: canonicalId(bucket.account) },
    StorageClass: upload.storageClass as "STANDARD",
    ...(upload.checksumDeclared && { ChecksumAlgorithm: upload.checksumAlgorithm, ChecksumType: upload.checksumType }),
    Parts: found.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.lastModified),
      ETag: quoted(part.etag),
      Size: part.sizeBytes,
      ...checksumMembers(part.declared ?? (upload.checksumDeclared ? part.checksum : undefined)),
    })),
  };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export const listMultipartUploads: Handler<Sdk, "listMultipartUploads"> = (ctx, input) => {
  const {
    Prefix: prefix = "",
    Delimiter: delimiter = "",
    KeyMarker: keyMarker = "",
    UploadIdMarker: uploadIdMarker = "",
  } = input;
  const { bucket, home } = openBucket(ctx, {
    action: "s3:ListBucketMultipartUploads",
    bucket: input.Bucket,
    expectedOwner: input.ExpectedBucketOwner,
    values: { "s3:prefix": input.Prefix },
  });
  const write = keyWriter(input.EncodingType);
  const maxUploads = pageSize("max-uploads", input.MaxUploads);
  const uploads = home.table(tables.uploads);
  function* open(beyond: string | undefined): Generator<[string, Upload]> {
    const from = beyond ?? keyMarker;
    // Without an upload's id the marker's own key is left out whole: no id sorts after this one.
    const id = beyond === undefined && uploadIdMarker !== "" ? uploadIdMarker : "\u{10ffff}";
    const options = {
      prefix: [bucket.name],
      startsWith: prefix,
      ...(from !== "" && { after: [bucket.name, from, id] as [string, string, string] }),
    };
    for (const [[, key], upload] of uploads.entries(options)) yield [key, upload];
  }
  const { items, truncated } = listPage({ open, prefix, delimiter, maxKeys: maxUploads, after: keyMarker });
  const last = items.at(-1);
  const Uploads = items.flatMap((item): MultipartUpload[] => {
    if (item.type === "prefix") return [];
    const { value: upload } = item;
    return [
      {
        Key: write(item.key),
        UploadId: upload.uploadId,
        Initiated: new Date(upload.initiatedAt),
        Initiator: { ID: upload.initiator },
        Owner: { ID: canonicalId(bucket.account) },
        StorageClass: upload.storageClass as "STANDARD",
        ...(upload.checksumDeclared && {
          ChecksumAlgorithm: upload.checksumAlgorithm,
          ChecksumType: upload.checksumType,
        }),
      },
    ];
  });
  const CommonPrefixes = prefixesOf(items, write);
  return {
    Bucket: bucket.name,
    KeyMarker: write(keyMarker),
    UploadIdMarker: uploadIdMarker,
    Prefix: write(prefix),
    ...(delimiter !== "" && { Delimiter: write(delimiter) }),
    MaxUploads: maxUploads,
    ...(input.EncodingType !== undefined && { EncodingType: input.EncodingType }),
    IsTruncated: truncated,
    ...(truncated && {
      NextKeyMarker: write(placeOf(last) ?? ""),
      NextUploadIdMarker: last?.type === "entry" ? last.value.uploadId : "",
    }),
    ...(Uploads.length > 0 && { Uploads }),
    ...(CommonPrefixes.length > 0 && { CommonPrefixes }),
  };
};
