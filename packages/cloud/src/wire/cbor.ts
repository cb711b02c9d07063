import { Token, Type, decode, encode } from "cborg";
import type { TagDecoder } from "cborg";
import { readPlain, structureToPlain, toPlain } from "./plain.ts";
import type { PlainForm } from "./plain.ts";
import type { Reading } from "./reading.ts";
import type { Member, Shape, StructureShape } from "./shape.ts";

/** Tag 1: a point in time, in seconds since the epoch. */
const epochTag = 1;

const tags: Record<number, TagDecoder> = {
  [epochTag]: (content) => new Date(Math.round(Number(content()) * 1000)),
};

/**
 * Reads a CBOR document of a structure.
 *
 * @see https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
export function readCbor(reading: Reading, shape: StructureShape, bytes: Uint8Array): Record<string, unknown> {
  let document: unknown;
  try {
    document = decode(bytes, { tags, rejectDuplicateMapKeys: true });
  } catch (error) {
    throw reading.malformed(`The request body is not valid CBOR: ${(error as Error).message}`);
  }
  return readPlain(reading, shape, document);
}

/** CBOR has times, bytes and all numbers: they stay what they are. */
const form: PlainForm = {
  number: (value) => value,
  timestamp: (value) => value,
  blob: (value) => value,
};

const typeEncoders = {
  Date: (value: Date) => [new Token(Type.tag, epochTag), new Token(Type.float, value.getTime() / 1000)],
};

/** Writes a structure's members, those given, as a CBOR document. */
export function writeCbor(value: Readonly<Record<string, unknown>>, members: readonly Member[]): Uint8Array {
  return encodeCbor(structureToPlain(form, value, members));
}

/** The plain data that a value is in CBOR. */
export function toCbor(shape: Shape, value: unknown): unknown {
  return toPlain(form, shape, value);
}

/** Writes plain data as a CBOR document. */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value, { typeEncoders });
}
