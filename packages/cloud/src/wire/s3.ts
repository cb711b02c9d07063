import { AwsError } from "../kernel/errors.ts";
import type { Faults } from "./faults.ts";
import type { OperationModel } from "./model.ts";
import type { StructureShape } from "./shape.ts";

// What is true of S3's wire format and not told by its schemas.

/** The schemas assume the bucket in the host; the gateway hands over paths that begin with it. */
export function bucketInPath(uri: string, input: StructureShape | undefined): string {
  const hasBucket = input?.members.some((member) => member.name === "Bucket" && member.location.in === "label");
  return hasBucket === true ? `/{Bucket}${uri}` : uri;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
export const faults: Faults = {
  unknownOperation: () =>
    new AwsError("MethodNotAllowed", 405, "The specified method is not allowed against this resource."),
  malformed: () => malformedXml(),
  wrongType: (place, detail) => new AwsError("InvalidArgument", 400, detail, { ArgumentName: place }),
  missing: (places) => missing(places),
  missingPayload: () => new AwsError("MissingRequestBodyError", 400, "Request Body is empty"),
  invalidUri: () => new AwsError("InvalidURI", 400, "Couldn't parse the specified URI."),
  tooLarge: (limit) =>
    new AwsError("MaxMessageLengthExceeded", 400, "Your request was too big.", { MaxMessageLengthBytes: limit }),
  incomplete: () =>
    new AwsError(
      "IncompleteBody",
      400,
      "You did not provide the number of bytes specified by the Content-Length HTTP header",
    ),
  wrongHash: (declared, computed) =>
    new AwsError(
      "XAmzContentSHA256Mismatch",
      400,
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      {
        ClientComputedContentSHA256: declared,
        S3ComputedContentSHA256: computed,
      },
    ),
};

function malformedXml(): AwsError {
  return new AwsError(
    "MalformedXML",
    400,
    "The XML you provided was not well-formed or did not validate against our published schema",
  );
}

/** A member inside a document breaks its schema; one beside it is a header or parameter that is absent. */
function missing(places: readonly string[]): AwsError {
  const [first = ""] = places;
  if (first.includes(".")) return malformedXml();
  return new AwsError("InvalidRequest", 400, `Missing required header or parameter for this request: ${first}`);
}

/** The status of a success, where it is not always the operation's own. */
export function statusOf(operation: OperationModel, output: Readonly<Record<string, unknown>>): number | undefined {
  return (operation.name === "GetObject" || operation.name === "HeadObject") && output.ContentRange !== undefined
    ? 206
    : undefined;
}

/** `s3UnwrappedXmlOutput`: the document is the member itself, and clients look for its namespace. */
export function unwrappedMember(operation: OperationModel): string | undefined {
  return operation.name === "GetBucketLocation" ? "LocationConstraint" : undefined;
}

/** The type of a body that is a text: policies are JSON, and nothing else is returned as a text. */
export const textPayloadType = "application/json";

/** Members of an error that are told in headers: those that are named as headers are, in lower case. */
export function isHeaderName(member: string): boolean {
  return member === member.toLowerCase();
}
