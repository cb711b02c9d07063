import type { Reading } from "./reading.ts";
import type { SimpleShape, TimestampFormat } from "./shape.ts";

/** Reads a value that is written as text: in XML, forms, headers, paths and query strings. */
export function readText(reading: Reading, shape: SimpleShape, text: string, format: TimestampFormat): unknown {
  switch (shape.kind) {
    case "string":
      return text;
    case "number":
      return readNumber(reading, text);
    case "boolean":
      return readBoolean(reading, text);
    case "timestamp":
      return readTimestamp(reading, text, shape.format ?? format);
    case "blob":
    case "stream":
      return readBase64(reading, text);
    case "document":
      throw reading.wrongType("A document cannot be written as text");
  }
}

/** Writes a value as text. */
export function writeText(shape: SimpleShape, value: unknown, format: TimestampFormat): string {
  switch (shape.kind) {
    case "timestamp":
      return writeTimestamp(value as Date, shape.format ?? format);
    case "blob":
    case "stream":
      return base64Of(value as Uint8Array);
    case "string":
    case "number":
    case "boolean":
      return String(value);
    case "document":
      return JSON.stringify(value);
  }
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function readNumber(reading: Reading, text: string): number {
  if (number.test(text) || NOT_FINITE.has(text)) return Number(text);
  throw reading.wrongType(`STRING_VALUE can not be converted to a number: '${text}'`);
}

/** How numbers are written that JSON has no literal for. */
export const NOT_FINITE: ReadonlySet<string> = new Set(["NaN", "Infinity", "-Infinity"]);

function readBoolean(reading: Reading, text: string): boolean {
  // botocore writes header booleans as Python does.
  if (text === "true" || text === "True") return true;
  if (text === "false" || text === "False") return false;
  throw reading.wrongType(`STRING_VALUE can not be converted to a boolean: '${text}'`);
}

const secondsOnly = /^-?\d+(\.\d+)?$/;

function readTimestamp(reading: Reading, text: string, format: TimestampFormat): Date {
  // Clients differ in which of the forms they take, so each is understood everywhere.
  const millis = format === "epoch-seconds" || secondsOnly.test(text) ? Number(text) * 1000 : Date.parse(text);
  const date = new Date(Math.round(millis));
  if (Number.isNaN(date.getTime())) throw reading.wrongType(`Invalid timestamp: '${text}'`);
  return date;
}

export function writeTimestamp(date: Date, format: TimestampFormat): string {
  switch (format) {
    case "date-time":
      return date.toISOString();
    case "http-date":
      return date.toUTCString();
    case "epoch-seconds":
      return String(date.getTime() / 1000);
  }
}

export function readBase64(reading: Reading, text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  // Node skips what is not base64; then fewer bytes come out than the length promises.
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  if (bytes.length !== Math.floor(((text.length - padding) * 3) / 4)) throw reading.wrongType("Invalid base64");
  return bytes;
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
