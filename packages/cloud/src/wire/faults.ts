import { AwsError } from "../kernel/errors.ts";
import type { ProtocolName, ServiceModel } from "./model.ts";
import * as s3 from "./s3.ts";

/**
 * The errors with which the wire itself refuses a request, in the words of each protocol.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export interface Faults {
  unknownOperation(name: string): AwsError;
  /** A body that is not JSON, XML or a form at all. */
  malformed(detail: string): AwsError;
  /** A value of another type than the schema's, at a place such as `tags.1.member.key`. */
  wrongType(place: string, detail: string): AwsError;
  /** Required members that are absent, by their places. */
  missing(places: readonly string[]): AwsError;
  /** The member that is the whole body is required, and the body empty. */
  missingPayload(place: string): AwsError;
  /** A path that cannot be decoded. */
  invalidUri(): AwsError;
  tooLarge(limitBytes: number): AwsError;
  /** The body ended before its framing or its declared length did. */
  incomplete(): AwsError;
  /** The body is not what `x-amz-content-sha256` declares. */
  wrongHash(declared: string, computed: string): AwsError;
}

export function faultsOf(model: ServiceModel): Faults {
  return model.id === "s3" ? s3.faults : FAULTS[model.protocol];
}

/** Coral's sentence for values that break a constraint; JSON and query services share it. */
function constraintMessage(places: readonly string[]): string {
  const errors = places.map(
    (place) => `Value null at '${place}' failed to satisfy constraint: Member must not be null`,
  );
  return `${places.length} validation error${places.length === 1 ? "" : "s"} detected: ${errors.join("; ")}`;
}

const wrongSignature =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key " +
  "and signing method. Consult the service documentation for details.";

const json: Faults = {
  unknownOperation: (name) => new AwsError("UnknownOperationException", 404, `Unknown operation: ${name}`),
  malformed: (detail) => new AwsError("SerializationException", 400, detail),
  wrongType: (place, detail) => new AwsError("SerializationException", 400, `${detail} (at '${place}')`),
  missing: (places) => new AwsError("ValidationException", 400, constraintMessage(places)),
  missingPayload: (place) => new AwsError("ValidationException", 400, constraintMessage([place])),
  invalidUri: () => new AwsError("ValidationException", 400, "The request's URI is not valid percent-encoding."),
  tooLarge: (limit) => new AwsError("RequestEntityTooLargeException", 413, tooLargeMessage(limit)),
  incomplete: () =>
    new AwsError("SerializationException", 400, "The request body ended before all of it was received."),
  wrongHash: () => new AwsError("InvalidSignatureException", 400, wrongSignature),
};

const query: Faults = {
  unknownOperation: (name) => new AwsError("InvalidAction", 400, `Could not find operation ${name}`),
  malformed: (detail) => new AwsError("MalformedQueryString", 400, detail),
  wrongType: (place, detail) => new AwsError("MalformedInput", 400, `${detail} (at '${place}')`),
  missing: (places) => new AwsError("ValidationError", 400, constraintMessage(places)),
  missingPayload: (place) => new AwsError("ValidationError", 400, constraintMessage([place])),
  invalidUri: () => new AwsError("MalformedQueryString", 400, "The request's URI is not valid percent-encoding."),
  tooLarge: (limit) => new AwsError("RequestEntityTooLarge", 413, tooLargeMessage(limit)),
  incomplete: () => new AwsError("MalformedInput", 400, "The request body ended before all of it was received."),
  wrongHash: () => new AwsError("SignatureDoesNotMatch", 403, wrongSignature),
};

const ec2: Faults = {
  ...query,
  unknownOperation: (name) =>
    new AwsError("InvalidAction", 400, `The action ${name} is not valid for this web service.`),
  wrongType: (place, detail) => new AwsError("InvalidParameterValue", 400, `${detail} (at '${place}')`),
  missing: ([first = ""]) => new AwsError("MissingParameter", 400, `The request must contain the parameter ${first}`),
};

const restXml: Faults = {
  ...query,
  malformed: (detail) => new AwsError("MalformedInput", 400, detail),
};

const FAULTS: Readonly<Record<ProtocolName, Faults>> = {
  awsJson1_0: json,
  awsJson1_1: json,
  restJson1: json,
  smithyRpcV2Cbor: json,
  query,
  ec2Query: ec2,
  restXml,
};

function tooLargeMessage(limitBytes: number): string {
  return `The request body is larger than ${limitBytes} bytes.`;
}
