import { readPlain, structureToPlain, toPlain } from "./plain.ts";
import type { PlainForm } from "./plain.ts";
import type { Reading } from "./reading.ts";
import { base64Of, writeTimestamp } from "./scalars.ts";
import type { Member, Shape, StructureShape } from "./shape.ts";

/** Reads a JSON document of a structure. */
export function readJson(reading: Reading, shape: StructureShape, text: string): Record<string, unknown> {
  return readPlain(reading, shape, parseJson(reading, text));
}

/** Parses a document that must be an object. */
export function parseJson(reading: Reading, text: string): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw reading.malformed(`The request body is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw reading.malformed("The request body is not a JSON object.");
  return document as Readonly<Record<string, unknown>>;
}

const form: PlainForm = {
  number: (value) => (Number.isFinite(value) ? value : `${value}`),
  timestamp: (value, format) =>
    format === undefined || format === "epoch-seconds" ? value.getTime() / 1000 : writeTimestamp(value, format),
  blob: base64Of,
};

/** Writes a structure's members, those given, as a JSON document. */
export function writeJson(value: Readonly<Record<string, unknown>>, members: readonly Member[]): string {
  return JSON.stringify(structureToPlain(form, value, members));
}

/** The plain data that a value is in JSON. */
export function toJson(shape: Shape, value: unknown): unknown {
  return toPlain(form, shape, value);
}
