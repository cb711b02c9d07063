import { readFileSync } from "node:fs";
import type { HttpBinding, OperationModel, ProtocolName, Segment, ServiceModel } from "./model.ts";
import { bucketInPath } from "./s3.ts";
import type { ErrorShape, Location, Member, Shape, SimpleShape, StructureShape } from "./shape.ts";

// The snapshot as scripts/snapshot-schemas.mjs writes it.

type Leaf =
  | "string"
  | "number"
  | "boolean"
  | "document"
  | "blob"
  | "stream"
  | "timestamp"
  | "date-time"
  | "http-date"
  | "epoch-seconds";
type Ref = number | Leaf | "unit";

interface Traits {
  readonly awsQueryError?: readonly [code: string, status: number];
  readonly ec2QueryName?: string;
  readonly httpHeader?: string;
  readonly httpLabel?: 1;
  readonly httpPayload?: 1;
  readonly httpPrefixHeaders?: string;
  readonly httpQuery?: string;
  readonly httpQueryParams?: 1;
  readonly httpResponseCode?: 1;
  readonly idempotencyToken?: 1;
  readonly jsonName?: string;
  readonly mediaType?: string;
  readonly sparse?: 1;
  readonly streaming?: 1;
  readonly xmlAttribute?: 1;
  readonly xmlFlattened?: 1;
  readonly xmlName?: string;
  readonly xmlNamespace?: readonly [prefix: string | 0, uri: string];
}

type Target = readonly [ref: Ref, traits: Traits | 0];
type ShapeRecord =
  | readonly ["list", item: Target]
  | readonly ["map", key: Target, value: Target]
  | readonly [
      "structure" | "union",
      name: string,
      members: readonly (readonly [string, ...Target])[],
      required: number,
      traits: Traits | 0,
    ];

/** A service's schemas as the snapshot has them. */
export interface Snapshot {
  readonly id: string;
  readonly sdkId: string;
  readonly protocol: ProtocolName;
  readonly version: string;
  readonly target: string;
  readonly xmlNamespace?: string;
  readonly queryCompatible: boolean;
  readonly operations: readonly (readonly [
    name: string,
    input: Ref,
    output: Ref,
    http: readonly [method: string, uri: string, status: number] | 0,
  ])[];
  readonly errors: readonly number[];
  readonly shapes: readonly ShapeRecord[];
}

// The same from src/wire and from dist/wire.
const folder = new URL("../../generated/schemas/", import.meta.url);

/** Reads the ids of all services of the snapshot. */
export function readModelIds(): readonly string[] {
  return (readJson("index.json") as { ids: readonly string[] }).ids;
}

/**
 * Reads a service's model: its shapes, resolved, so that a codec walks plain objects.
 *
 * @param protocol - in which the service is to be spoken to. @defaultValue the one that its client speaks
 */
export function readModel(id: string, protocol?: ProtocolName): ServiceModel {
  const snapshot = readJson(`${id}.json`) as Snapshot;
  return modelOf(protocol === undefined ? snapshot : { ...snapshot, protocol });
}

function readJson(name: string): unknown {
  try {
    return JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  } catch (cause) {
    throw new Error(`The schema snapshot ${name} cannot be read. Run "npm run build:schemas" in packages/cloud.`, {
      cause,
    });
  }
}

/** Resolves a snapshot. */
export function modelOf(snapshot: Snapshot): ServiceModel {
  const resolve = resolver(snapshot);
  const operations = new Map<string, OperationModel>();
  for (const [name, input, output, http] of snapshot.operations) {
    const inputShape = structureOf(resolve(input));
    operations.set(name, {
      name,
      input: inputShape,
      output: structureOf(resolve(output)),
      http: http === 0 || !isRest(snapshot.protocol) ? undefined : bindingOf(snapshot.id, http, inputShape),
    });
  }
  return {
    id: snapshot.id,
    sdkId: snapshot.sdkId,
    protocol: snapshot.protocol,
    version: snapshot.version,
    target: snapshot.target,
    xmlNamespace: snapshot.xmlNamespace,
    queryCompatible: snapshot.queryCompatible,
    operations,
    routes: routesOf(operations.values()),
    errors: errorsOf(snapshot, resolve),
  };
}

function isRest(protocol: ProtocolName): boolean {
  return protocol === "restXml" || protocol === "restJson1";
}

type Resolve = (ref: Ref) => Shape | undefined;

function resolver(snapshot: Snapshot): Resolve {
  const shapes: (Shape | undefined)[] = [];
  return resolve;

  function resolve(ref: Ref): Shape | undefined {
    if (typeof ref !== "number") return ref === "unit" ? undefined : LEAVES[ref];
    const known = shapes[ref];
    if (known !== undefined) return known;
    const record = snapshot.shapes[ref];
    if (record === undefined) throw new Error(`The schema snapshot of ${snapshot.id} has no shape ${ref}.`);
    // A shape takes its place before its members are resolved: shapes refer to themselves.
    switch (record[0]) {
      case "list": {
        const list = { kind: "list" } as { -readonly [K in "kind" | "item"]: Extract<Shape, { kind: "list" }>[K] };
        shapes[ref] = list;
        list.item = member("member", record[1], false);
        return list;
      }
      case "map": {
        const map = { kind: "map" } as {
          -readonly [K in "kind" | "key" | "value"]: Extract<Shape, { kind: "map" }>[K];
        };
        shapes[ref] = map;
        map.key = member("key", record[1], false);
        map.value = member("value", record[2], false);
        return map;
      }
      case "structure":
      case "union": {
        const [kind, name, records, required, traits] = record;
        const members: Member[] = [];
        const structure: StructureShape = {
          kind: "structure",
          name,
          union: kind === "union",
          members,
          xmlName: (traits === 0 ? undefined : traits.xmlName) ?? name,
        };
        shapes[ref] = structure;
        for (const [index, [memberName, ...target]] of records.entries()) {
          members.push(member(memberName, target, index < required));
        }
        return structure;
      }
    }
  }

  function member(name: string, [ref, traits]: Target, required: boolean): Member {
    const shape = resolve(ref);
    if (shape === undefined) throw new Error(`The schema snapshot of ${snapshot.id} has a member ${name} of no shape.`);
    return memberOf(snapshot.protocol, name, shape, traits === 0 ? {} : traits, required);
  }
}

const LEAVES: Readonly<Record<Leaf, SimpleShape>> = {
  string: { kind: "string" },
  number: { kind: "number" },
  boolean: { kind: "boolean" },
  document: { kind: "document" },
  blob: { kind: "blob" },
  stream: { kind: "stream" },
  timestamp: { kind: "timestamp", format: undefined },
  "date-time": { kind: "timestamp", format: "date-time" },
  "http-date": { kind: "timestamp", format: "http-date" },
  "epoch-seconds": { kind: "timestamp", format: "epoch-seconds" },
};

function memberOf(protocol: ProtocolName, name: string, shape: Shape, traits: Traits, required: boolean): Member {
  const { xmlNamespace } = traits;
  return {
    name,
    shape,
    required,
    // As a body of its own, a structure has its own name.
    wireName: wireNameOf(protocol, traits.httpPayload && shape.kind === "structure" ? shape.xmlName : name, traits),
    formName: formNameOf(protocol, name, traits),
    flattened: traits.xmlFlattened === 1,
    attribute: traits.xmlAttribute === 1,
    xmlns: xmlNamespace && [xmlNamespace[0] ? `xmlns:${xmlNamespace[0]}` : "xmlns", xmlNamespace[1]],
    location: locationOf(traits),
    idempotencyToken: traits.idempotencyToken === 1,
    sparse: traits.sparse === 1,
    eventStream: traits.streaming === 1 && shape.kind === "structure",
    mediaType: traits.mediaType,
  };
}

function wireNameOf(protocol: ProtocolName, name: string, traits: Traits): string {
  switch (protocol) {
    case "restXml":
    case "query":
    case "ec2Query":
      return traits.xmlName ?? name;
    case "restJson1":
      return traits.jsonName ?? name;
    case "awsJson1_0":
    case "awsJson1_1":
    case "smithyRpcV2Cbor":
      return name;
  }
}

function formNameOf(protocol: ProtocolName, name: string, traits: Traits): string {
  const plain = traits.xmlName ?? name;
  if (protocol !== "ec2Query") return plain;
  return traits.ec2QueryName ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

function locationOf(traits: Traits): Location {
  if (traits.httpPayload) return { in: "payload" };
  if (traits.httpLabel) return { in: "label" };
  if (traits.httpHeader !== undefined) return { in: "header", header: traits.httpHeader.toLowerCase() };
  if (traits.httpPrefixHeaders !== undefined) return { in: "headers", prefix: traits.httpPrefixHeaders.toLowerCase() };
  if (traits.httpQuery !== undefined) return { in: "query", key: traits.httpQuery };
  if (traits.httpQueryParams) return { in: "queries" };
  if (traits.httpResponseCode) return { in: "status" };
  return { in: "body" };
}

function structureOf(shape: Shape | undefined): StructureShape | undefined {
  if (shape !== undefined && shape.kind !== "structure") throw new Error(`An operation's shape is a ${shape.kind}.`);
  return shape;
}

function bindingOf(
  id: string,
  [method, uri, status]: readonly [string, string, number],
  input: StructureShape | undefined,
): HttpBinding {
  const [path = "/", query = ""] = (id === "s3" ? bucketInPath(uri, input) : uri).split("?");
  return {
    method,
    status,
    segments: path
      .split("/")
      .slice(1)
      .filter((part) => part !== "")
      .map(segmentOf),
    query: query
      .split("&")
      .filter((part) => part !== "")
      .map((part) => {
        const [key = "", value = ""] = part.split("=");
        return [key, value] as const;
      }),
  };
}

function segmentOf(part: string): Segment {
  if (!part.startsWith("{")) return { literal: part };
  const greedy = part.endsWith("+}");
  return { label: part.slice(1, greedy ? -2 : -1), greedy };
}

function routesOf(operations: Iterable<OperationModel>): ReadonlyMap<string, readonly OperationModel[]> {
  const routes = new Map<string, OperationModel[]>();
  for (const operation of operations) {
    if (operation.http === undefined) continue;
    const route = routes.get(operation.http.method) ?? [];
    routes.set(operation.http.method, route);
    route.push(operation);
  }
  for (const route of routes.values()) {
    route.sort((one, other) => parametersOf(other) - parametersOf(one) || demandsOf(other) - demandsOf(one));
  }
  return routes;
}

/** How many parts of its path and query are fixed. `x-id` does not count: not every client sends it. */
export function parametersOf({ http }: OperationModel): number {
  const literals = http?.segments.filter((segment) => "literal" in segment).length ?? 0;
  return literals + (http?.query.filter(([key]) => key !== "x-id").length ?? 0);
}

function demandsOf({ input }: OperationModel): number {
  return input?.members.filter((member) => isDemanded(member)).length ?? 0;
}

/** Whether a request that lacks the member must be for another operation. */
export function isDemanded(member: Member): boolean {
  return member.required && (member.location.in === "query" || member.location.in === "header");
}

function errorsOf(snapshot: Snapshot, resolve: Resolve): ReadonlyMap<string, ErrorShape> {
  const errors = new Map<string, ErrorShape>();
  for (const ref of snapshot.errors) {
    const shape = structureOf(resolve(ref));
    if (shape === undefined) continue;
    const traits = snapshot.shapes[ref]?.[0] === "structure" ? snapshot.shapes[ref][4] : 0;
    const code = (traits === 0 ? undefined : traits.awsQueryError?.[0]) ?? shape.name;
    const error = { code, shape };
    errors.set(shape.name, error);
    errors.set(code, error);
  }
  return errors;
}
