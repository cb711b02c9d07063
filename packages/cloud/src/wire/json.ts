import { setEntry, type Reading } from "./reading.ts";
import { base64Of, NOT_FINITE, readBase64, readText, writeTimestamp } from "./scalars.ts";
import type { Member, Shape, SimpleShape, StructureShape } from "./shape.ts";

/** Reads a JSON document of a structure. What the schema does not know is passed over, as AWS does. */
export function readJson(reading: Reading, shape: StructureShape, text: string): Record<string, unknown> {
  return readStructure(reading, shape, parseJson(reading, text), shape.members);
}

/** Parses a document that must be an object. */
export function parseJson(reading: Reading, text: string): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw reading.malformed(`The request body is not valid JSON: ${(error as Error).message}`);
  }
  if (!isObject(document)) throw reading.malformed("The request body is not a JSON object.");
  return document;
}

/** Reads the members given, which may be fewer than the structure has: others are in the path or in headers. */
export function readStructure(
  reading: Reading,
  shape: StructureShape,
  source: Readonly<Record<string, unknown>>,
  members: readonly Member[],
): Record<string, unknown> {
  const target: Record<string, unknown> = {};
  for (const member of members) {
    const value = source[member.wireName];
    if (value !== undefined && value !== null) {
      reading.enter(member.name);
      target[member.name] = readJsonValue(reading, member.shape, value);
      reading.leave();
    } else if (member.required && !member.idempotencyToken) {
      reading.noteMissing(member);
    }
  }
  if (shape.union) checkUnion(reading, target);
  return target;
}

function checkUnion(reading: Reading, value: Readonly<Record<string, unknown>>): void {
  if (Object.keys(value).length > 1) throw reading.wrongType("Exactly one member of a union must be set");
}

export function readJsonValue(reading: Reading, shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case "structure":
      if (!isObject(value)) throw unexpected(reading, value);
      return readStructure(reading, shape, value, shape.members);
    case "list":
      if (!Array.isArray(value)) throw unexpected(reading, value);
      return value.map((item: unknown, index) => readEntry(reading, String(index + 1), shape.item, item));
    case "map": {
      if (!isObject(value)) throw unexpected(reading, value);
      const map: Record<string, unknown> = {};
      for (const key of Object.keys(value)) setEntry(map, key, readEntry(reading, key, shape.value, value[key]));
      return map;
    }
    case "string":
    case "number":
    case "boolean":
    case "timestamp":
    case "blob":
    case "stream":
    case "document":
      return readSimple(reading, shape, value);
  }
}

/** A list's or map's entry; AWS names its place `tags.1.member`. */
function readEntry(reading: Reading, key: string, member: Member, value: unknown): unknown {
  reading.enter(key);
  let read: unknown = null;
  if (value !== null) {
    reading.enter("member");
    read = readJsonValue(reading, member.shape, value);
    reading.leave();
  } else if (!member.sparse) {
    reading.noteMissing({ ...member, name: "member" });
  }
  reading.leave();
  return read;
}

function readSimple(reading: Reading, shape: SimpleShape, value: unknown): unknown {
  switch (shape.kind) {
    case "string":
      if (typeof value === "string") return value;
      throw unexpected(reading, value, "a String");
    case "number":
      if (typeof value === "number") return value;
      if (typeof value === "string" && NOT_FINITE.has(value)) return Number(value);
      throw unexpected(reading, value, "a number");
    case "boolean":
      if (typeof value === "boolean") return value;
      throw unexpected(reading, value, "a Boolean");
    case "timestamp":
      if (typeof value === "number") return new Date(Math.round(value * 1000));
      if (typeof value === "string") return readText(reading, shape, value, "date-time");
      throw unexpected(reading, value, "a timestamp");
    case "blob":
    case "stream":
      if (typeof value === "string") return readBase64(reading, value);
      throw unexpected(reading, value, "a Blob");
    case "document":
      return value;
  }
}

/** AWS's words for a value of a wrong type. */
function unexpected(reading: Reading, value: unknown, wanted?: string) {
  if (Array.isArray(value)) return reading.wrongType("Start of list found where not expected");
  if (isObject(value)) return reading.wrongType("Start of structure or map found where not expected.");
  const type = typeof value === "boolean" ? `${value}`.toUpperCase() : typeof value === "number" ? "NUMBER" : "STRING";
  return wanted === undefined
    ? reading.wrongType("Unexpected field type")
    : reading.wrongType(`${type}_VALUE can not be converted to ${wanted}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Writes a structure's members, those given, as a JSON document. */
export function writeJson(value: Readonly<Record<string, unknown>>, members: readonly Member[]): string {
  return JSON.stringify(structureToJson(value, members));
}

function structureToJson(
  value: Readonly<Record<string, unknown>>,
  members: readonly Member[],
): Record<string, unknown> {
  const target: Record<string, unknown> = {};
  for (const member of members) {
    const given = value[member.name];
    if (given !== undefined && given !== null) target[member.wireName] = toJson(member.shape, given);
  }
  return target;
}

/** The plain data that a value is in JSON. */
export function toJson(shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (shape.kind) {
    case "string":
    case "boolean":
    case "document":
      return value;
    case "number":
      return Number.isFinite(value) ? value : `${value as number}`;
    case "timestamp":
      return shape.format === undefined || shape.format === "epoch-seconds"
        ? (value as Date).getTime() / 1000
        : writeTimestamp(value as Date, shape.format);
    case "blob":
    case "stream":
      return base64Of(value as Uint8Array);
    case "list":
      return (value as readonly unknown[]).map((item) => toJson(shape.item.shape, item));
    case "map": {
      const map: Record<string, unknown> = {};
      for (const [key, entry] of Object.entries(value)) {
        if (entry !== undefined) setEntry(map, key, toJson(shape.value.shape, entry));
      }
      return map;
    }
    case "structure":
      return structureToJson(value as Readonly<Record<string, unknown>>, shape.members);
  }
}
