import type { CompletedPart } from "@aws-sdk/client-s3";
import type { AwsError } from "../../kernel/errors.ts";
import { checksumsOf } from "./checksums.ts";
import { errors, malformedXml } from "./errors.ts";
import { mostParts, smallestPartBytes } from "./limits.ts";
import type { Upload, UploadedPart } from "./model.ts";

function invalidPart(uploadId: string, { PartNumber, ETag }: CompletedPart): AwsError {
  return errors.InvalidPart(
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { UploadId: uploadId, PartNumber, ETag: ETag?.replaceAll('"', "") },
  );
}

/**
 * The parts that an object is to be made of, from the list that completes its upload.
 *
 * @param find - a part that was uploaded
 * @throws AwsError `MalformedXML`, `InvalidPartOrder`, `InvalidPart`, `EntityTooSmall`, `InvalidRequest`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export function assemble(
  upload: Pick<Upload, "uploadId" | "checksumDeclared" | "checksumAlgorithm" | "checksumType">,
  listed: readonly CompletedPart[],
  find: (partNumber: number) => UploadedPart | undefined,
): readonly UploadedPart[] {
  if (listed.length === 0 || listed.length > mostParts) throw malformedXml();
  const { uploadId, checksumAlgorithm } = upload;
  const parts = listed.map((entry, index) => {
    const { PartNumber: number, ETag: etag } = entry;
    if (number === undefined || etag === undefined) throw malformedXml();
    if (number <= (listed[index - 1]?.PartNumber ?? 0)) {
      throw errors.InvalidPartOrder(
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
        { UploadId: uploadId },
      );
    }
    const part = find(number);
    if (part === undefined || part.etag !== etag.replaceAll('"', "")) throw invalidPart(uploadId, entry);
    const checksums = checksumsOf(entry);
    if (upload.checksumDeclared && upload.checksumType === "COMPOSITE" && checksums.length === 0) {
      throw errors.InvalidRequest(
        `The upload was created using a ${checksumAlgorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
      );
    }
    for (const { algorithm, value } of checksums) {
      const known = [part.checksum, part.declared].find((own) => own?.algorithm === algorithm);
      if (known?.value !== value) throw invalidPart(uploadId, entry);
    }
    return part;
  });
  for (const part of parts.slice(0, -1)) {
    if (part.sizeBytes >= smallestPartBytes) continue;
    throw errors.EntityTooSmall("Your proposed upload is smaller than the minimum allowed size", {
      ProposedSize: part.sizeBytes,
      MinSizeAllowed: smallestPartBytes,
      PartNumber: part.number,
      ETag: part.etag,
    });
  }
  return parts;
}
