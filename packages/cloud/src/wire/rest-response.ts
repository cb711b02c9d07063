import type { Readable } from "node:stream";
import type { HttpResponse } from "./http.ts";
import { toJson, writeJson } from "./json.ts";
import type { OperationModel, ServiceModel } from "./model.ts";
import { requestIdHeaders } from "./request-id.ts";
import * as s3 from "./s3.ts";
import { writeText } from "./scalars.ts";
import type { Member, Shape } from "./shape.ts";
import { element, writeContent, writeMembers, xmlDeclaration, xmlnsAttribute } from "./xml-write.ts";

type Output = Readonly<Record<string, unknown>>;

/** Encodes a reply of restXml or restJson1: members are in headers and in the body. */
export function encodeRest(
  model: ServiceModel,
  operation: OperationModel,
  output: Output,
  requestId: string,
): HttpResponse {
  const headers = requestIdHeaders(model, requestId);
  let status = (model.id === "s3" ? s3.statusOf(operation, output) : undefined) ?? operation.http?.status ?? 200;
  for (const member of operation.output?.members ?? []) {
    const value = output[member.name];
    if (value === undefined || value === null) continue;
    if (member.location.in === "status") status = value as number;
    else writeHeaders(member, value, headers);
  }
  const body = bodyOf(model, operation, output);
  if (body.type !== undefined) headers["content-type"] ??= body.type;
  return { status, headers, body: operation.http?.method === "HEAD" ? empty : body.content };
}

function writeHeaders({ location, shape, mediaType }: Member, value: unknown, headers: Record<string, string>): void {
  if (location.in === "header") {
    headers[location.header] = headerText(shape, value, mediaType);
  } else if (location.in === "headers") {
    for (const [key, text] of Object.entries(value as Output))
      headers[`${location.prefix}${key.toLowerCase()}`] = String(text);
  }
}

function headerText(shape: Shape, value: unknown, mediaType: string | undefined): string {
  switch (shape.kind) {
    case "list":
      return (value as readonly unknown[]).map((item) => headerText(shape.item.shape, item, undefined)).join(", ");
    case "structure":
    case "map":
      throw new Error(`A ${shape.kind} cannot be a header.`);
    case "string":
      return mediaType === undefined ? String(value) : Buffer.from(String(value)).toString("base64");
    case "number":
    case "boolean":
    case "timestamp":
    case "blob":
    case "stream":
    case "document":
      return writeText(shape, value, "http-date");
  }
}

interface Body {
  readonly content: Uint8Array | Readable;
  readonly type?: string;
}

const empty: Uint8Array = new Uint8Array(0);

function bodyOf(model: ServiceModel, operation: OperationModel, output: Output): Body {
  const members = operation.output?.members ?? [];
  const payload = members.find((member) => member.location.in === "payload");
  if (payload !== undefined) return payloadOf(model, payload, output[payload.name]);
  const inBody = members.filter((member) => member.location.in === "body");
  if (model.protocol === "restJson1") {
    return { content: Buffer.from(writeJson(output, inBody)), type: "application/json" };
  }
  return inBody.length === 0 ? { content: empty } : documentOf(model, operation, output, inBody);
}

function documentOf(model: ServiceModel, operation: OperationModel, output: Output, inBody: readonly Member[]): Body {
  const unwrapped = model.id === "s3" ? s3.unwrappedMember(operation) : undefined;
  const member = unwrapped === undefined ? undefined : inBody.find(({ name }) => name === unwrapped);
  return member === undefined
    ? xml(model, operation.output?.xmlName ?? operation.name, writeMembers(output, inBody))
    : xml(model, member.wireName, writeContent(member.shape, output[member.name]));
}

function xml(model: ServiceModel, name: string, content: string): Body {
  const document = xmlDeclaration + element(name, content, xmlnsAttribute(model.xmlNamespace));
  return { content: Buffer.from(document), type: "application/xml" };
}

function payloadOf(model: ServiceModel, { shape, wireName, mediaType }: Member, value: unknown): Body {
  if (value === undefined || value === null) return { content: empty };
  switch (shape.kind) {
    case "blob":
    case "stream":
      return { content: value as Uint8Array | Readable, type: mediaType ?? "application/octet-stream" };
    case "string":
      return {
        content: Buffer.from(value as string),
        type: mediaType ?? (model.id === "s3" ? s3.textPayloadType : "text/plain"),
      };
    case "structure":
    case "list":
    case "map":
    case "number":
    case "boolean":
    case "timestamp":
    case "document":
      return model.protocol === "restJson1"
        ? { content: Buffer.from(JSON.stringify(toJson(shape, value))), type: "application/json" }
        : xml(model, wireName, writeContent(shape, value));
  }
}
