import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { encryptionMembers, refuseCustomerKey } from "../attributes.ts";
import { discard, readBody, receive, storing } from "../bodies.ts";
import type { Arrived } from "../bodies.ts";
import { checksumMembers } from "../checksums.ts";
import type { Algorithm } from "../checksums.ts";
import { openCopySource } from "../copy-source.ts";
import { errors, invalidArgument } from "../errors.ts";
import { declaredChecksum, readAlgorithm, receiveVerified } from "../integrity.ts";
import type { Declared } from "../integrity.ts";
import { largestPutBytes } from "../limits.ts";
import { quoted, shownVersionId } from "../model.ts";
import type { Bucket, Upload, UploadedPart } from "../model.ts";
import { parseCopyRange } from "../ranges.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkPartNumber, findUpload, openUpload } from "../uploads.ts";

function requireSameAlgorithm(upload: Upload, algorithm: Algorithm | undefined): void {
  if (!upload.checksumDeclared || algorithm === undefined || algorithm === upload.checksumAlgorithm) return;
  throw errors.InvalidRequest(
    `Checksum Type mismatch occurred, expected checksum Type: ${upload.checksumAlgorithm.toLowerCase()}, actual checksum Type: ${algorithm.toLowerCase()}`,
  );
}

/** Stores a part in place of an earlier one of its number. */
function putPart(
  home: Context,
  bucket: Bucket,
  upload: Upload,
  part: {
    readonly number: number;
    readonly arrived: Arrived;
    readonly md5: string;
    readonly checksum: string;
    readonly declared: Declared | undefined;
  },
): Promise<UploadedPart> {
  return storing(home, part.arrived, (body) => {
    // The upload may have been completed or aborted while the part was on its way.
    findUpload(home, bucket, upload.key, upload.uploadId);
    const parts = home.table(tables.parts);
    const key: [string, number] = [upload.uploadId, part.number];
    const old = parts.get(key);
    if (old !== undefined) discard(home, old.body);
    const uploaded: UploadedPart = {
      number: part.number,
      sizeBytes: part.arrived.sizeBytes,
      body,
      checksum: { algorithm: upload.checksumAlgorithm, value: part.checksum, type: "FULL_OBJECT" },
      etag: part.md5,
      lastModified: home.now,
      declared: part.declared,
    };
    parts.put(key, uploaded);
    return uploaded;
  });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export const uploadPart: Handler<Sdk, "uploadPart"> = async (ctx, input) => {
  refuseCustomerKey(input);
  checkPartNumber(input.PartNumber);
  const { bucket, home, upload } = openUpload(ctx, "s3:PutObject", input);
  requireSameAlgorithm(upload, declaredChecksum(input)?.algorithm ?? readAlgorithm(input.ChecksumAlgorithm));
  const { arrived, md5, declared, digest } = await receiveVerified(home, input, [upload.checksumAlgorithm]);
  const checksum = await digest(upload.checksumAlgorithm);
  const part = await putPart(home, bucket, upload, { number: input.PartNumber, arrived, md5, checksum, declared });
  return {
    ETag: quoted(part.etag),
    ...checksumMembers(
      declared ?? (upload.checksumDeclared ? { algorithm: upload.checksumAlgorithm, value: checksum } : undefined),
    ),
    ...encryptionMembers(upload.encryption),
  };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export const uploadPartCopy: Handler<Sdk, "uploadPartCopy"> = async (ctx, input) => {
  refuseCustomerKey(input);
  checkPartNumber(input.PartNumber);
  const { bucket, home, upload } = openUpload(ctx, "s3:PutObject", input);
  const from = openCopySource(ctx, input);
  const { CopySourceRange: header } = input;
  const range = header === undefined ? undefined : parseCopyRange(header, from.object.sizeBytes);
  if (range === "malformed") {
    throw invalidArgument(
      "x-amz-copy-source-range",
      header,
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
    );
  }
  if (range === "unsatisfiable") {
    throw invalidArgument(
      "x-amz-copy-source-range",
      header,
      `Range specified is not valid for source object of size: ${from.object.sizeBytes}`,
    );
  }
  const sizeBytes = range === undefined ? from.object.sizeBytes : range.end - range.start + 1;
  if (sizeBytes > largestPutBytes) {
    throw errors.InvalidRequest(
      `The specified copy source is larger than the maximum allowable size for a copy source: ${largestPutBytes}`,
    );
  }
  const algorithm = upload.checksumAlgorithm;
  const arrived = await receive(
    home,
    readBody(from.home, from.object.body, from.object.sizeBytes, range),
    new Set<Algorithm>(["MD5", algorithm]),
  );
  const md5 = Buffer.from(arrived.digests.get("MD5") ?? "", "base64").toString("hex");
  const checksum = arrived.digests.get(algorithm) ?? "";
  const declared = upload.checksumDeclared ? { algorithm, value: checksum } : undefined;
  const part = await putPart(home, bucket, upload, { number: input.PartNumber, arrived, md5, checksum, declared });
  return {
    CopyPartResult: {
      ETag: quoted(part.etag),
      LastModified: new Date(part.lastModified),
      ...checksumMembers(declared),
    },
    CopySourceVersionId: shownVersionId(from.bucket, from.object),
    ...encryptionMembers(upload.encryption),
  };
};
