import { setEntry, type Reading } from "./reading.ts";
import { NOT_FINITE, readBase64, readText } from "./scalars.ts";
import type { Member, Shape, SimpleShape, StructureShape, TimestampFormat } from "./shape.ts";

// What JSON and CBOR documents have in common: between them and values there is plain data, objects and arrays.

/** Reads what must be an object of the structure's members. What the schema does not know is passed over, as AWS does. */
export function readPlain(reading: Reading, shape: StructureShape, document: unknown): Record<string, unknown> {
  if (!isObject(document)) throw reading.malformed("The request body is not an object.");
  return readStructure(reading, shape, document, shape.members);
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
      target[member.name] = readValue(reading, member.shape, value);
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

export function readValue(reading: Reading, shape: Shape, value: unknown): unknown {
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
    read = readValue(reading, member.shape, value);
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
      if (typeof value === "bigint" || (typeof value === "string" && NOT_FINITE.has(value))) return Number(value);
      throw unexpected(reading, value, "a number");
    case "boolean":
      if (typeof value === "boolean") return value;
      throw unexpected(reading, value, "a Boolean");
    case "timestamp":
      if (typeof value === "number") return new Date(Math.round(value * 1000));
      if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
      if (typeof value === "string") return readText(reading, shape, value, "date-time");
      throw unexpected(reading, value, "a timestamp");
    case "blob":
    case "stream":
      if (typeof value === "string") return readBase64(reading, value);
      if (value instanceof Uint8Array) return value;
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

/** What a format does with the values that it has no form for, or a form of its own. */
export interface PlainForm {
  number(value: number): unknown;
  timestamp(value: Date, format: TimestampFormat | undefined): unknown;
  blob(value: Uint8Array): unknown;
}

/** The plain data of a structure's members, those given. */
export function structureToPlain(
  form: PlainForm,
  value: Readonly<Record<string, unknown>>,
  members: readonly Member[],
): Record<string, unknown> {
  const target: Record<string, unknown> = {};
  for (const member of members) {
    const given = value[member.name];
    if (given !== undefined && given !== null) target[member.wireName] = toPlain(form, member.shape, given);
  }
  return target;
}

/** The plain data of a value. */
export function toPlain(form: PlainForm, shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (shape.kind) {
    case "string":
    case "boolean":
    case "document":
      return value;
    case "number":
      return form.number(value as number);
    case "timestamp":
      return form.timestamp(value as Date, shape.format);
    case "blob":
    case "stream":
      return form.blob(value as Uint8Array);
    case "list":
      return (value as readonly unknown[]).map((item) => toPlain(form, shape.item.shape, item));
    case "map": {
      const map: Record<string, unknown> = {};
      for (const [key, entry] of Object.entries(value)) {
        if (entry !== undefined) setEntry(map, key, toPlain(form, shape.value.shape, entry));
      }
      return map;
    }
    case "structure":
      return structureToPlain(form, value as Readonly<Record<string, unknown>>, shape.members);
  }
}
