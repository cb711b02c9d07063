import { AwsError } from "../kernel/errors.ts";
import { collectBody, readBody } from "./body.ts";
import { readCbor, writeCbor } from "./cbor.ts";
import { cborHeaders, errorResponse, jsonType } from "./encode-error.ts";
import { faultsOf, type Faults } from "./faults.ts";
import { actionOf, formTree, parsePairs, readForm } from "./form.ts";
import type { ReadRequest, HttpResponse, RequestHead } from "./http.ts";
import { readJson, writeJson } from "./json.ts";
import type { DecodedRequest, OperationModel, ProtocolName, ServiceModel } from "./model.ts";
import { Reading } from "./reading.ts";
import { requestIdHeaders } from "./request-id.ts";
import { decodeRest } from "./rest-request.ts";
import { encodeRest } from "./rest-response.ts";
import { readModel, readModelIds } from "./snapshot.ts";
import { element, textElement, writeMembers, xmlDeclaration, xmlnsAttribute } from "./xml-write.ts";

export type { DecodedRequest } from "./model.ts";
export { bufferedBodyMaxBytes } from "./body.ts";
export { trailersOf } from "./aws-chunked.ts";

// The snapshot does not change while Trysail runs, so what was read of it is kept. By id, and protocol where it is not
// the service's first.
const models = new Map<string, ServiceModel>();

/** The ids of all services of the snapshot. */
export function modelIds(): readonly string[] {
  return readModelIds();
}

/** Reads a service's model from the snapshot, once. */
export function loadModel(id: string, protocol?: ProtocolName): ServiceModel {
  const name = protocol === undefined ? id : `${id} ${protocol}`;
  let model = models.get(name);
  if (model === undefined) {
    model = readModel(id, protocol);
    models.set(name, model);
  }
  return model;
}

/**
 * The model of a service in the protocol that a request speaks. Services speak several: newer clients use CBOR, older
 * ones the query protocol that a service spoke before it spoke JSON.
 *
 * @see https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
export function modelFor(id: string, { headers }: RequestHead): ServiceModel {
  if (headers["smithy-protocol"] === "rpc-v2-cbor") return loadModel(id, "smithyRpcV2Cbor");
  const model = loadModel(id);
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  return model.queryCompatible && isForm ? loadModel(id, "query") : model;
}

/** A request's body as it was sent, in memory. @throws AwsError if it is larger than {@link bufferedBodyMaxBytes} */
export function readSentBody(model: ServiceModel, request: ReadRequest): Promise<Buffer> {
  return collectBody(request, faultsOf(model));
}

/**
 * Finds the operation and decodes its input: reads the body (bounded; gzip, aws-chunked with trailers), checks required
 * members and declared checksums. A streamed body is handed over unread; `trailersOf` tells what followed it.
 *
 * @throws AwsError with the service's own code for an unknown operation, a body that cannot be read or a missing member
 */
export function decodeRequest(model: ServiceModel, request: ReadRequest): Promise<DecodedRequest> {
  const faults = faultsOf(model);
  switch (model.protocol) {
    case "awsJson1_0":
    case "awsJson1_1":
      return decodeJson(model, request, faults);
    case "query":
    case "ec2Query":
      return decodeQuery(model, request, faults);
    case "restXml":
    case "restJson1":
      return decodeRest(model, request, faults);
    case "smithyRpcV2Cbor":
      return decodeCbor(model, request, faults);
  }
}

async function decodeJson(model: ServiceModel, request: ReadRequest, faults: Faults): Promise<DecodedRequest> {
  const target = request.headers["x-amz-target"] ?? "";
  const operation = isOf(model, target) ? model.operations.get(target.slice(target.lastIndexOf(".") + 1)) : undefined;
  if (operation === undefined) throw faults.unknownOperation(target);
  const body = await readBody(request, faults);
  if (operation.input === undefined) return { operation, input: {} };
  const reading = new Reading(faults);
  const input = readJson(reading, operation.input, body.length === 0 ? "{}" : body.toString());
  reading.finish();
  return { operation, input };
}

/** botocore puts a package's name before some services' targets: `com.amazonaws.codestar.connections.`. */
function isOf(model: ServiceModel, target: string): boolean {
  const service = target.slice(0, Math.max(0, target.lastIndexOf(".")));
  return service === model.target || service.endsWith(`.${model.target}`);
}

/** The path is `/service/GraniteServiceVersion20100801/operation/PutMetricData`. */
async function decodeCbor(model: ServiceModel, request: ReadRequest, faults: Faults): Promise<DecodedRequest> {
  const name = /\/operation\/(?<name>\w+)$/.exec(request.path)?.groups?.["name"] ?? "";
  const operation = model.operations.get(name);
  if (operation === undefined) throw faults.unknownOperation(name);
  const body = await readBody(request, faults);
  if (operation.input === undefined) return { operation, input: {} };
  const reading = new Reading(faults);
  const input = readCbor(reading, operation.input, body.length === 0 ? emptyCbor : body);
  reading.finish();
  return { operation, input };
}

/** A map without entries. */
const emptyCbor = Uint8Array.of(0xa0);

async function decodeQuery(model: ServiceModel, request: ReadRequest, faults: Faults): Promise<DecodedRequest> {
  const body = await readBody(request, faults);
  const reading = new Reading(faults);
  const malformed = (detail: string) => faults.malformed(detail);
  const form = formTree(reading, [...parsePairs(request.query, malformed), ...parsePairs(body.toString(), malformed)]);
  const name = actionOf(form);
  if (name === undefined) throw new AwsError("MissingAction", 400, "The request is missing an action.");
  const operation = model.operations.get(name);
  if (operation === undefined) throw faults.unknownOperation(`${name} for version ${model.version}`);
  if (operation.input === undefined) return { operation, input: {} };
  const input = readForm(reading, { flat: model.protocol === "ec2Query" }, operation.input, form);
  reading.finish();
  return { operation, input };
}

export function encodeResponse(
  model: ServiceModel,
  operation: OperationModel,
  output: Readonly<Record<string, unknown>>,
  meta: { readonly requestId: string },
): HttpResponse {
  const { requestId } = meta;
  switch (model.protocol) {
    case "awsJson1_0":
    case "awsJson1_1": {
      const body = Buffer.from(writeJson(output, operation.output?.members ?? []));
      return { status: 200, headers: { ...requestIdHeaders(model, requestId), "content-type": jsonType(model) }, body };
    }
    case "query":
      return xmlReply(model, requestId, "text/xml", queryDocument(model, operation, output, requestId));
    case "ec2Query":
      return xmlReply(model, requestId, "text/xml;charset=UTF-8", ec2Document(model, operation, output, requestId));
    case "restXml":
    case "restJson1":
      return encodeRest(model, operation, output, requestId);
    case "smithyRpcV2Cbor":
      return {
        status: 200,
        headers: { ...requestIdHeaders(model, requestId), ...cborHeaders },
        body: writeCbor(output, operation.output?.members ?? []),
      };
  }
}

function xmlReply(model: ServiceModel, requestId: string, type: string, document: string): HttpResponse {
  return {
    status: 200,
    headers: { ...requestIdHeaders(model, requestId), "content-type": type },
    body: Buffer.from(xmlDeclaration + document),
  };
}

function queryDocument(
  model: ServiceModel,
  { name, output: shape }: OperationModel,
  output: Readonly<Record<string, unknown>>,
  requestId: string,
): string {
  const result = shape === undefined ? "" : element(`${name}Result`, writeMembers(output, shape.members));
  const metadata = element("ResponseMetadata", textElement("RequestId", requestId));
  return element(`${name}Response`, result + metadata, xmlnsAttribute(model.xmlNamespace));
}

function ec2Document(
  model: ServiceModel,
  { name, output: shape }: OperationModel,
  output: Readonly<Record<string, unknown>>,
  requestId: string,
): string {
  const content = textElement("requestId", requestId) + writeMembers(output, shape?.members ?? []);
  return element(`${name}Response`, content, xmlnsAttribute(model.xmlNamespace));
}

/** `head` is the request's: a reply to HEAD has no body, and a client that asked for query compatibility gets its header. */
export function encodeError(
  model: ServiceModel,
  head: RequestHead,
  error: AwsError,
  meta: { readonly requestId: string },
): HttpResponse {
  return errorResponse(model, head, error, meta.requestId);
}
