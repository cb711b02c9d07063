import type { _Object as ObjectEntry, EncodingType } from "@aws-sdk/client-s3";
import type { Context } from "../../../kernel/context.ts";
import { keyOf, tokenOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { openBucket } from "../access.ts";
import type { OpenBucket } from "../access.ts";
import { invalidArgument } from "../errors.ts";
import { keyWriter, listPage, pageSize, placeOf, prefixesOf } from "../listing.ts";
import { canonicalId, quoted } from "../model.ts";
import type { ObjectRow } from "../object-row.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";

interface ListInput {
  readonly Bucket: string;
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  readonly MaxKeys?: number | undefined;
  readonly EncodingType?: EncodingType | undefined;
  readonly ExpectedBucketOwner?: string | undefined;
}

function openForList(ctx: Context, input: ListInput): OpenBucket {
  return openBucket(ctx, {
    action: "s3:ListBucket",
    bucket: input.Bucket,
    expectedOwner: input.ExpectedBucketOwner,
    values: {
      "s3:prefix": input.Prefix,
      "s3:delimiter": input.Delimiter,
      "s3:max-keys": input.MaxKeys === undefined ? undefined : String(input.MaxKeys),
    },
  });
}

function list({ bucket, home }: OpenBucket, input: ListInput, after: string, withOwner: boolean) {
  const { Prefix: prefix = "", Delimiter: delimiter = "" } = input;
  const write = keyWriter(input.EncodingType);
  const maxKeys = pageSize("max-keys", input.MaxKeys);
  const objects = home.table(tables.objects);
  function* open(beyond = after): Generator<[string, ObjectRow]> {
    const options = {
      prefix: [bucket.name],
      startsWith: prefix,
      ...(beyond !== "" && { after: [bucket.name, beyond] as [string, string] }),
    };
    for (const [[, key], row] of objects.entries(options)) yield [key, row];
  }
  const { items, truncated } = listPage({ open, prefix, delimiter, maxKeys, after });
  const Contents = items.flatMap((item): ObjectEntry[] => {
    if (item.type === "prefix") return [];
    const [lastModified, sizeBytes, etag, storageClass, algorithm, , checksumType] = item.value;
    return [
      {
        Key: write(item.key),
        LastModified: new Date(lastModified),
        ETag: quoted(etag),
        Size: sizeBytes,
        StorageClass: storageClass as "STANDARD",
        ...(algorithm !== "" && checksumType !== "" && { ChecksumAlgorithm: [algorithm], ChecksumType: checksumType }),
        ...(withOwner && { Owner: { ID: canonicalId(bucket.account) } }),
      },
    ];
  });
  const CommonPrefixes = prefixesOf(items, write);
  return {
    next: truncated ? placeOf(items.at(-1)) : undefined,
    write,
    output: {
      Name: bucket.name,
      Prefix: write(prefix),
      ...(delimiter !== "" && { Delimiter: write(delimiter) }),
      MaxKeys: maxKeys,
      ...(input.EncodingType !== undefined && { EncodingType: input.EncodingType }),
      IsTruncated: truncated,
      ...(Contents.length > 0 && { Contents }),
      ...(CommonPrefixes.length > 0 && { CommonPrefixes }),
    },
  };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export const listObjects: Handler<Sdk, "listObjects"> = (ctx, input) => {
  const { Marker: marker = "" } = input;
  const { next, write, output } = list(openForList(ctx, input), input, marker, true);
  return {
    ...output,
    Marker: write(marker),
    ...(next !== undefined && input.Delimiter !== undefined && { NextMarker: write(next) }),
  };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const listObjectsV2: Handler<Sdk, "listObjectsV2"> = (ctx, input) => {
  const { StartAfter: startAfter, ContinuationToken: token } = input;
  const open = openForList(ctx, input);
  if (token === "") throw invalidArgument("continuation-token", token, "The continuation token provided is incorrect");
  const continued = keyOf<string>(token, () =>
    invalidArgument("continuation-token", token, "The continuation token provided is incorrect"),
  );
  const { next, write, output } = list(open, input, continued ?? startAfter ?? "", input.FetchOwner === true);
  return {
    ...output,
    KeyCount: (output.Contents?.length ?? 0) + (output.CommonPrefixes?.length ?? 0),
    ...(startAfter !== undefined && { StartAfter: write(startAfter) }),
    ...(token !== undefined && { ContinuationToken: token }),
    ...(next !== undefined && { NextContinuationToken: tokenOf(next) }),
  };
};
