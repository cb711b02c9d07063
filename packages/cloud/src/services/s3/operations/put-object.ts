import type { Handler } from "../../../kernel/service.ts";
import { encryptionMembers, readAttributes } from "../attributes.ts";
import { storing } from "../bodies.ts";
import { checksumMembers } from "../checksums.ts";
import { unsupportedHeader } from "../errors.ts";
import { emitCreated } from "../events.ts";
import { receiveVerified } from "../integrity.ts";
import { quoted, shownVersionId } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { putObjectVersion } from "../versions.ts";
import { openForWrite, requireWritable } from "../writing.ts";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const putObject: Handler<Sdk, "putObject"> = async (ctx, input) => {
  const { Key: key } = input;
  const { bucket, home } = openForWrite(ctx, input);
  if (input.WriteOffsetBytes !== undefined)
    throw unsupportedHeader("x-amz-write-offset-bytes", "only directory buckets can append.");
  const attributes = readAttributes(home, bucket, input);
  const conditions = { ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch };
  // Asked before the body is read, to fail early, and again when it is there: others may have written meanwhile.
  requireWritable(home, bucket, key, conditions);

  const { arrived, md5, declared, digest } = await receiveVerified(home, input, ["CRC64NVME"]);
  const algorithm = declared?.algorithm ?? "CRC64NVME";
  const checksum = { algorithm, value: await digest(algorithm), type: "FULL_OBJECT" as const };
  const stored = await storing(home, arrived, (body) => {
    requireWritable(home, bucket, key, conditions);
    const object = putObjectVersion(home, bucket, key, {
      ...attributes,
      etag: md5,
      sizeBytes: arrived.sizeBytes,
      checksum,
      body,
    });
    emitCreated(ctx, home, bucket, key, object, "PutObject");
    return object;
  });
  return {
    ETag: quoted(stored.etag),
    ...checksumMembers(checksum),
    ChecksumType: checksum.type,
    VersionId: shownVersionId(bucket, stored),
    ...encryptionMembers(stored.encryption),
  };
};
