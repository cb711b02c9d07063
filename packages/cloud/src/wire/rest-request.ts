import { bodyLength, openBody, readBody } from "./body.ts";
import type { Faults } from "./faults.ts";
import { parsePairs } from "./form.ts";
import type { ReadRequest, RequestHead } from "./http.ts";
import { isAwsChunked } from "./aws-chunked.ts";
import { parseJson, readJson } from "./json.ts";
import { readStructure } from "./plain.ts";
import type { DecodedRequest, OperationModel, ServiceModel } from "./model.ts";
import { Reading, setEntry } from "./reading.ts";
import { route, type Match } from "./routing.ts";
import { readText } from "./scalars.ts";
import type { Member, Shape, StructureShape, TimestampFormat } from "./shape.ts";
import { parseDocument, readElement } from "./xml-read.ts";

type Headers = RequestHead["headers"];
type Query = readonly (readonly [name: string, value: string])[];

/** Decodes a request of restXml or restJson1: members are in the path, the query, headers and the body. */
export async function decodeRest(model: ServiceModel, request: ReadRequest, faults: Faults): Promise<DecodedRequest> {
  const query = parsePairs(request.query, () => faults.invalidUri());
  const match = route(model, request, new Map(query));
  if (match === undefined) throw faults.unknownOperation(`${request.method} ${request.path}`);
  const { operation } = match;
  if (operation.input === undefined) return { operation, input: {} };
  const reading = new Reading(faults);
  const head: Head = { labels: match.labels, query, fixed: match.http.query, headers: headersOf(request.headers) };
  const input = readHead(reading, operation.input, head, faults);
  Object.assign(input, await readBodyMembers(reading, model, operation, request, faults));
  reading.finish();
  return { operation, input };
}

interface Head {
  readonly labels: Match["labels"];
  readonly query: Query;
  /** Parameters that are the operation's own and no member's. */
  readonly fixed: Query;
  readonly headers: Headers;
}

/** The headers as they are without aws-chunked, which is framing and not the object's. */
function headersOf(headers: Headers): Headers {
  if (!isAwsChunked(headers)) return headers;
  const codings = headers["content-encoding"]
    ?.split(",")
    .filter((coding) => coding.trim() !== "aws-chunked")
    .join(",")
    .trim();
  return {
    ...headers,
    "content-length": bodyLength(headers)?.toString(),
    "content-encoding": codings === "" ? undefined : codings,
  };
}

function readHead(reading: Reading, shape: StructureShape, head: Head, faults: Faults): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const member of shape.members) {
    if (member.location.in === "body" || member.location.in === "payload") continue;
    reading.enter(member.name);
    const value = readLocated(reading, member, shape, head, faults);
    reading.leave();
    if (value !== undefined) input[member.name] = value;
    else if (member.required && !member.idempotencyToken) reading.noteMissing(member);
  }
  return input;
}

function readLocated(reading: Reading, member: Member, structure: StructureShape, head: Head, faults: Faults): unknown {
  const { location, shape } = member;
  switch (location.in) {
    case "label": {
      const text = head.labels[member.name];
      return text === undefined ? undefined : readSimpleText(reading, shape, decodeLabel(text, faults), "date-time");
    }
    case "query":
      return readQuery(
        reading,
        shape,
        head.query.filter(([key]) => key === location.key).map(([, value]) => value),
      );
    case "queries":
      return readQueries(reading, member, structure, head);
    case "header":
      return readHeader(reading, member, head.headers[location.header]);
    case "headers":
      return readPrefixed(location.prefix, head.headers);
    case "status":
    case "body":
    case "payload":
      return undefined;
  }
}

function decodeLabel(text: string, faults: Faults): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw faults.invalidUri();
  }
}

function readSimpleText(reading: Reading, shape: Shape, text: string, format: TimestampFormat): unknown {
  if (shape.kind === "structure" || shape.kind === "list" || shape.kind === "map") {
    throw reading.wrongType(`A ${shape.kind} cannot be written as text`);
  }
  return text === "" && shape.kind !== "string" ? undefined : readText(reading, shape, text, format);
}

function readQuery(reading: Reading, shape: Shape, values: readonly string[]): unknown {
  if (shape.kind === "list") {
    return values.length === 0
      ? undefined
      : values.map((value) => readSimpleText(reading, shape.item.shape, value, "date-time"));
  }
  const [first] = values;
  return first === undefined ? undefined : readSimpleText(reading, shape, first, "date-time");
}

function readQueries(reading: Reading, member: Member, structure: StructureShape, { query, fixed }: Head): unknown {
  const { shape } = member;
  if (shape.kind !== "map") return undefined;
  const taken = new Set(fixed.map(([key]) => key));
  for (const { location } of structure.members) if (location.in === "query") taken.add(location.key);
  const map: Record<string, unknown> = {};
  for (const [key] of query) {
    if (taken.has(key)) continue;
    taken.add(key);
    const values = query.filter(([name]) => name === key).map(([, value]) => value);
    setEntry(map, key, readQuery(reading, shape.value.shape, values));
  }
  return Object.keys(map).length === 0 ? undefined : map;
}

function readHeader(reading: Reading, { shape, mediaType }: Member, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  if (shape.kind === "list") {
    return text.split(",").map((item) => readSimpleText(reading, shape.item.shape, item.trim(), "http-date"));
  }
  // A header cannot hold every text, so one of a media type is in base64.
  if (shape.kind === "string" && mediaType !== undefined) return Buffer.from(text, "base64").toString();
  return readSimpleText(reading, shape, text, "http-date");
}

function readPrefixed(prefix: string, headers: Headers): Record<string, string> | undefined {
  let map: Record<string, string> | undefined;
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && name.startsWith(prefix)) setEntry((map ??= {}), name.slice(prefix.length), value);
  }
  return map;
}

async function readBodyMembers(
  reading: Reading,
  model: ServiceModel,
  { input }: OperationModel,
  request: ReadRequest,
  faults: Faults,
): Promise<Record<string, unknown>> {
  if (input === undefined) return {};
  const payload = input.members.find((member) => member.location.in === "payload");
  if (payload?.shape.kind === "stream") return { [payload.name]: await openBody(request, faults) };
  const inBody = input.members.filter((member) => member.location.in === "body");
  if (payload === undefined && inBody.length === 0) return {};
  const bytes = await readBody(request, faults);
  if (payload !== undefined) return { [payload.name]: readPayload(reading, model, payload, bytes) };
  const text = bytes.toString();
  if (model.protocol === "restJson1")
    return readStructure(reading, input, text === "" ? {} : parseJson(reading, text), inBody);
  const root =
    text === ""
      ? { name: input.xmlName, attributes: {}, children: [], text }
      : parseDocument(reading, text, input.xmlName);
  return readElement(reading, input, root, inBody);
}

function readPayload(reading: Reading, model: ServiceModel, member: Member, bytes: Buffer): unknown {
  const { shape } = member;
  if (shape.kind === "blob" && (bytes.length > 0 || member.required)) return bytes;
  if (shape.kind === "string" && (bytes.length > 0 || member.required)) return bytes.toString();
  if (bytes.length === 0) {
    if (member.required) throw reading.missingPayload(member);
    return undefined;
  }
  if (shape.kind !== "structure") throw reading.wrongType(`A ${shape.kind} cannot be a whole body`);
  reading.enter(member.name);
  const text = bytes.toString();
  const value =
    model.protocol === "restJson1"
      ? readJson(reading, shape, text)
      : readElement(reading, shape, parseDocument(reading, text, member.wireName), shape.members);
  reading.leave();
  return value;
}
