import type { Handler } from "../../../kernel/service.ts";
import { checksumMembers } from "../checksums.ts";
import { invalidArgument } from "../errors.ts";
import { shownVersionId } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { pageSize } from "../listing.ts";
import { openVersion } from "../open-version.ts";

const known = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export const getObjectAttributes: Handler<Sdk, "getObjectAttributes"> = (ctx, input) => {
  const { bucket, home, object } = openVersion(ctx, "s3:GetObjectAttributes", input);
  const wanted = new Set<string>(input.ObjectAttributes);
  const unknown = [...wanted].find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw invalidArgument("x-amz-object-attributes", unknown, "Invalid attribute name specified.");
  const { body, checksum } = object;
  const parts = body.kind === "parts" ? (home.table(tables.manifests).get(body.id) ?? []) : undefined;
  const maxParts = pageSize("max-parts", input.MaxParts);
  const marker = Number(input.PartNumberMarker ?? 0);
  // Only parts that have checksums of their own are listed one by one.
  const listed =
    parts?.every((part) => part.checksum !== undefined) === true ? parts.filter(({ number }) => number > marker) : [];
  const page = listed.slice(0, maxParts);
  return {
    LastModified: new Date(object.lastModified),
    VersionId: shownVersionId(bucket, object),
    ...(wanted.has("ETag") && { ETag: object.etag }),
    ...(wanted.has("ObjectSize") && { ObjectSize: object.sizeBytes }),
    ...(wanted.has("StorageClass") && { StorageClass: object.storageClass as "STANDARD" }),
    ...(wanted.has("Checksum") &&
      checksum !== undefined && { Checksum: { ...checksumMembers(checksum), ChecksumType: checksum.type } }),
    ...(wanted.has("ObjectParts") &&
      parts !== undefined && {
        ObjectParts: {
          TotalPartsCount: parts.length,
          ...(listed.length > 0 && {
            PartNumberMarker: String(marker),
            NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
            MaxParts: maxParts,
            IsTruncated: listed.length > page.length,
            Parts: page.map((part) => ({
              PartNumber: part.number,
              Size: part.sizeBytes,
              ...checksumMembers(part.checksum),
            })),
          }),
        },
      }),
  };
};
