import { createHash } from "node:crypto";
import type { Handler } from "../../../kernel/service.ts";
import { assemble } from "../assemble.ts";
import { encryptionMembers } from "../attributes.ts";
import { newBodyId } from "../bodies.ts";
import { checksumMembers, checksumOfParts, checksumsOf } from "../checksums.ts";
import type { ChecksumMembers } from "../checksums.ts";
import { errors } from "../errors.ts";
import { emitCreated } from "../events.ts";
import { declaredChecksum } from "../integrity.ts";
import { largestObjectBytes } from "../limits.ts";
import { quoted, shownVersionId } from "../model.ts";
import type { Body } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { findUpload, forgetUpload, openUpload } from "../uploads.ts";
import { putObjectVersion } from "../versions.ts";
import { requireWritable } from "../writing.ts";

/** The checksum that the request expects of the whole. A composite one may say how many parts there are. */
function wholeChecksum(members: ChecksumMembers) {
  return declaredChecksum(
    Object.fromEntries(
      checksumsOf(members).map(({ algorithm, value }) => [`Checksum${algorithm}`, value.replace(/-\d+$/, "")]),
    ),
  );
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export const completeMultipartUpload: Handler<Sdk, "completeMultipartUpload"> = async (ctx, input) => {
  const { bucket, home, upload } = openUpload(ctx, "s3:PutObject", input);
  const { key, uploadId, checksumAlgorithm: algorithm, checksumType: type } = upload;
  if (input.ChecksumType !== undefined && input.ChecksumType !== type) {
    throw errors.InvalidRequest(
      `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  // Once more in the transaction: a part may be uploaded again while its checksum is computed.
  const chosen = () =>
    assemble(upload, input.MultipartUpload?.Parts ?? [], (number) => home.table(tables.parts).get([uploadId, number]));
  const parts = chosen();
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== sizeBytes) {
    throw errors.InvalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${sizeBytes}`,
    );
  }
  if (sizeBytes > largestObjectBytes) {
    throw errors.EntityTooLarge("Your proposed upload exceeds the maximum allowed size", {
      ProposedSize: sizeBytes,
      MaxSizeAllowed: largestObjectBytes,
    });
  }
  const etag = `${createHash("md5")
    .update(Buffer.concat(parts.map((part) => Buffer.from(part.etag, "hex"))))
    .digest("hex")}-${parts.length}`;
  const checksum = await checksumOfParts(
    algorithm,
    type,
    parts.map((part) => ({ checksum: part.checksum?.value ?? "", sizeBytes: part.sizeBytes })),
  );
  const expected = wholeChecksum(input);
  if (
    expected !== undefined &&
    expected.algorithm === algorithm &&
    expected.value !== checksum.value.replace(/-\d+$/, "")
  ) {
    throw errors.BadDigest(`The ${algorithm.toLowerCase()} you specified did not match the calculated checksum.`);
  }

  const object = home.transaction(() => {
    findUpload(home, bucket, key, uploadId);
    requireWritable(home, bucket, key, { ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch });
    const id = newBodyId(home);
    const body: Body = { kind: "parts", id, count: parts.length };
    const manifest = chosen().map((part) => ({
      number: part.number,
      sizeBytes: part.sizeBytes,
      body: part.body,
      checksum: upload.checksumDeclared ? part.checksum : undefined,
    }));
    home.table(tables.manifests).put(id, manifest);
    forgetUpload(home, bucket, upload, new Set(parts.map(({ number }) => number)));
    const stored = putObjectVersion(home, bucket, key, {
      headers: upload.headers,
      metadata: upload.metadata,
      redirect: upload.redirect,
      storageClass: upload.storageClass,
      encryption: upload.encryption,
      tags: upload.tags,
      grants: upload.grants,
      lock: upload.lock,
      etag,
      sizeBytes,
      checksum,
      body,
    });
    emitCreated(ctx, home, bucket, key, stored, "CompleteMultipartUpload");
    return stored;
  });
  return {
    Location: `${home.host.endpoint}/${bucket.name}/${key.split("/").map(encodeURIComponent).join("/")}`,
    Bucket: bucket.name,
    Key: key,
    ETag: quoted(etag),
    ...checksumMembers(checksum),
    ChecksumType: checksum.type,
    VersionId: shownVersionId(bucket, object),
    ...encryptionMembers(object.encryption),
  };
};
