import type { AwsError } from "../kernel/errors.ts";
import type { HttpResponse, RequestHead } from "./http.ts";
import { encodeCbor, toCbor } from "./cbor.ts";
import { toJson } from "./json.ts";
import type { ServiceModel } from "./model.ts";
import { hostId, requestIdHeaders } from "./request-id.ts";
import * as s3 from "./s3.ts";
import type { ErrorShape, Member } from "./shape.ts";
import { writeTimestamp } from "./scalars.ts";
import { element, textElement, writeMembers, xmlDeclaration, xmlnsAttribute } from "./xml-write.ts";

/** Writes an error as the service's protocol does. An error that AWS's model does not have has its code and message. */
export function errorResponse(
  model: ServiceModel,
  head: RequestHead,
  error: AwsError,
  requestId: string,
): HttpResponse {
  const known = model.errors.get(error.code);
  const headers = requestIdHeaders(model, requestId);
  switch (model.protocol) {
    case "awsJson1_0":
    case "awsJson1_1":
    case "restJson1":
      return jsonError(model, head, error, known, headers);
    case "smithyRpcV2Cbor":
      return cborError(model, head, error, known, headers);
    case "query":
      return reply(error, head, headers, "text/xml", wrappedError(model, error, known, requestId));
    case "ec2Query":
      return reply(error, head, headers, "text/xml;charset=UTF-8", ec2Error(error, known, requestId));
    case "restXml":
      return model.id === "s3"
        ? s3Error(head, error, known, headers, requestId)
        : reply(error, head, headers, "text/xml", wrappedError(model, error, known, requestId));
  }
}

function reply(
  error: AwsError,
  head: RequestHead,
  headers: Record<string, string>,
  type: string,
  body: string,
): HttpResponse {
  // Replies to HEAD have no body, nor has "not modified".
  if (head.method === "HEAD" || error.status === 304) return { status: error.status, headers, body: new Uint8Array(0) };
  headers["content-type"] = type;
  return { status: error.status, headers, body: Buffer.from(body) };
}

function isMessage(member: Member): boolean {
  return member.name.toLowerCase() === "message";
}

function jsonError(
  model: ServiceModel,
  head: RequestHead,
  error: AwsError,
  known: ErrorShape | undefined,
  headers: Record<string, string>,
): HttpResponse {
  const type = known?.shape.name ?? error.code;
  const body: Record<string, unknown> = model.protocol === "restJson1" ? {} : { __type: type };
  headers["x-amzn-errortype"] = type;
  body[messageName(known)] = error.message;
  for (const [member, value] of givenMembers(error, known)) body[member.wireName] = toJson(member.shape, value);
  tellQueryCode(model, head, error, known, headers);
  return reply(error, head, headers, jsonType(model), JSON.stringify(body));
}

/** What a CBOR reply says of itself. */
export const cborHeaders = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };

function cborError(
  model: ServiceModel,
  head: RequestHead,
  error: AwsError,
  known: ErrorShape | undefined,
  headers: Record<string, string>,
): HttpResponse {
  const body: Record<string, unknown> = { __type: known?.shape.name ?? error.code };
  body[messageName(known)] = error.message;
  for (const [member, value] of givenMembers(error, known)) body[member.wireName] = toCbor(member.shape, value);
  tellQueryCode(model, head, error, known, headers);
  return { status: error.status, headers: { ...headers, ...cborHeaders }, body: encodeCbor(body) };
}

function messageName(known: ErrorShape | undefined): string {
  return known?.shape.members.find(isMessage)?.wireName ?? "message";
}

/** An error's members beside its message, those given. */
function givenMembers(error: AwsError, known: ErrorShape | undefined): [Member, unknown][] {
  return (known?.shape.members ?? []).flatMap((member) => {
    const value = error.members[member.name];
    return isMessage(member) || value === undefined ? [] : [[member, value]];
  });
}

function tellQueryCode(
  model: ServiceModel,
  head: RequestHead,
  error: AwsError,
  known: ErrorShape | undefined,
  headers: Record<string, string>,
): void {
  if (model.queryCompatible && head.headers["x-amzn-query-mode"] === "true")
    headers["x-amzn-query-error"] = `${known?.code ?? error.code};${senderOrReceiver(error)}`;
}

/** The content type of a service that speaks JSON. */
export function jsonType({ protocol }: ServiceModel): string {
  switch (protocol) {
    case "awsJson1_0":
      return "application/x-amz-json-1.0";
    case "awsJson1_1":
      return "application/x-amz-json-1.1";
    case "restJson1":
    case "smithyRpcV2Cbor":
    case "query":
    case "ec2Query":
    case "restXml":
      return "application/json";
  }
}

function senderOrReceiver({ fault }: AwsError): string {
  return fault === "client" ? "Sender" : "Receiver";
}

function modeledMembers(error: AwsError, known: ErrorShape | undefined): string {
  return known === undefined
    ? ""
    : writeMembers(
        error.members,
        known.shape.members.filter((member) => !isMessage(member)),
      );
}

function wrappedError(model: ServiceModel, error: AwsError, known: ErrorShape | undefined, requestId: string): string {
  const content =
    textElement("Type", senderOrReceiver(error)) +
    textElement("Code", known?.code ?? error.code) +
    textElement("Message", error.message) +
    modeledMembers(error, known);
  const parts = element("Error", content) + textElement("RequestId", requestId);
  return xmlDeclaration + element("ErrorResponse", parts, xmlnsAttribute(model.xmlNamespace));
}

function ec2Error(error: AwsError, known: ErrorShape | undefined, requestId: string): string {
  const content =
    textElement("Code", known?.code ?? error.code) +
    textElement("Message", error.message) +
    modeledMembers(error, known);
  return (
    xmlDeclaration +
    element("Response", element("Errors", element("Error", content)) + textElement("RequestID", requestId))
  );
}

/** S3's members are elements whether its model has them or not; those that are named as headers are headers. */
function s3Error(
  head: RequestHead,
  error: AwsError,
  known: ErrorShape | undefined,
  headers: Record<string, string>,
  requestId: string,
): HttpResponse {
  let members = "";
  for (const [name, value] of Object.entries(error.members)) {
    if (value === undefined || value === null) continue;
    if (s3.isHeaderName(name)) headers[name] = textOf(value, "http-date");
    else members += textElement(name, textOf(value, "date-time"));
  }
  const content =
    textElement("Code", known?.code ?? error.code) +
    textElement("Message", error.message) +
    members +
    textElement("RequestId", requestId) +
    textElement("HostId", hostId(requestId));
  return reply(error, head, headers, "application/xml", xmlDeclaration + element("Error", content));
}

function textOf(value: unknown, format: "http-date" | "date-time"): string {
  return value instanceof Date ? writeTimestamp(value, format) : String(value);
}
