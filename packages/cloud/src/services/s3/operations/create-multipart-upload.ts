import type { Handler } from "../../../kernel/service.ts";
import { encryptionMembers, readAttributes } from "../attributes.ts";
import { multipartChecksumType } from "../checksums.ts";
import { errors } from "../errors.ts";
import { readAlgorithm } from "../integrity.ts";
import type { Upload } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { forgetUpload, newUploadId, openUpload } from "../uploads.ts";
import { openForWrite } from "../writing.ts";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export const createMultipartUpload: Handler<Sdk, "createMultipartUpload"> = (ctx, input) => {
  const { Bucket: name, Key: key } = input;
  const { bucket, home } = openForWrite(ctx, input);
  const declared = readAlgorithm(input.ChecksumAlgorithm);
  const algorithm = declared ?? "CRC64NVME";
  const checksumType = multipartChecksumType(algorithm, input.ChecksumType);
  if (checksumType === undefined) {
    throw errors.InvalidRequest(
      `The ${input.ChecksumType} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  const upload: Upload = {
    ...readAttributes(home, bucket, input),
    key,
    uploadId: newUploadId(home),
    initiatedAt: home.now,
    initiator: ctx.principal.arn,
    checksumAlgorithm: algorithm,
    checksumType,
    checksumDeclared: declared !== undefined,
  };
  home.table(tables.uploads).put([bucket.name, key, upload.uploadId], upload);
  return {
    Bucket: name,
    Key: key,
    UploadId: upload.uploadId,
    ...(declared !== undefined && { ChecksumAlgorithm: declared, ChecksumType: checksumType }),
    ...encryptionMembers(upload.encryption),
  };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export const abortMultipartUpload: Handler<Sdk, "abortMultipartUpload"> = (ctx, input) => {
  const { bucket, home, upload } = openUpload(ctx, "s3:AbortMultipartUpload", input);
  forgetUpload(home, bucket, upload, new Set());
  return {};
};
