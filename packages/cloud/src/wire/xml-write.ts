import { writeText } from "./scalars.ts";
import type { Member, Shape } from "./shape.ts";

export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

type Value = Readonly<Record<string, unknown>>;

/** Writes an element with what is in it, which must be XML already. */
export function element(name: string, content: string, attributes = ""): string {
  return content === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

/** Writes an element with a text. */
export function textElement(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

export function xmlnsAttribute(uri: string | undefined): string {
  return uri === undefined ? "" : ` xmlns="${escapeXml(uri)}"`;
}

/** Writes the members of a structure that are given, without an element around them. */
export function writeMembers(value: Value, members: readonly Member[]): string {
  let xml = "";
  for (const member of members) {
    const given = value[member.name];
    if (given !== undefined && given !== null && !member.attribute) xml += writeMember(member, member.wireName, given);
  }
  return xml;
}

function writeMember(member: Member, name: string, value: unknown): string {
  const { shape } = member;
  if (shape.kind === "list" && member.flattened) {
    return writeItems(shape.item, name, value as readonly unknown[]);
  }
  if (shape.kind === "map" && member.flattened) {
    return Object.entries(value as Value)
      .map(([key, entry]) => writeEntry(shape, name, key, entry))
      .join("");
  }
  return element(name, writeContent(shape, value), attributesOf(member, value));
}

/** The declaration of a namespace, and members that are attributes. */
function attributesOf({ shape, xmlns }: Member, value: unknown): string {
  let attributes = xmlns === undefined ? "" : ` ${xmlns[0]}="${escapeXml(xmlns[1])}"`;
  if (shape.kind !== "structure") return attributes;
  for (const member of shape.members) {
    const given = (value as Value)[member.name];
    if (member.attribute && given !== undefined && given !== null) {
      attributes += ` ${member.wireName}="${writeContent(member.shape, given)}"`;
    }
  }
  return attributes;
}

/** Writes what stands inside of a value's element. */
export function writeContent(shape: Shape, value: unknown): string {
  if (value === undefined || value === null) return "";
  switch (shape.kind) {
    case "structure":
      return writeMembers(value as Value, shape.members);
    case "list":
      return writeItems(shape.item, shape.item.wireName, value as readonly unknown[]);
    case "map":
      return Object.entries(value as Value)
        .map(([key, entry]) => writeEntry(shape, "entry", key, entry))
        .join("");
    case "string":
    case "number":
    case "boolean":
    case "timestamp":
    case "blob":
    case "stream":
    case "document":
      return escapeXml(writeText(shape, value, "date-time"));
  }
}

function writeItems(item: Member, name: string, values: readonly unknown[]): string {
  let xml = "";
  for (const value of values) {
    if (value !== undefined && value !== null) xml += writeMember(item, name, value);
  }
  return xml;
}

function writeEntry(shape: Extract<Shape, { kind: "map" }>, name: string, key: string, value: unknown): string {
  return element(name, textElement(shape.key.wireName, key) + writeMember(shape.value, shape.value.wireName, value));
}

// Line ends are written as references, since parsers change them; other controls are S3's way, not XML 1.0's.
// oxlint-disable-next-line no-control-regex
const special = /[&<>"'\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\n]/;
// oxlint-disable-next-line no-control-regex
const specials = /[&<>"'\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\n]/g;

export function escapeXml(text: string): string {
  return special.test(text) ? text.replaceAll(specials, escapeCharacter) : text;
}

function escapeCharacter(character: string): string {
  switch (character) {
    case "&":
      return "&amp;";
    case "<":
      return "&lt;";
    case ">":
      return "&gt;";
    case '"':
      return "&quot;";
    case "'":
      return "&apos;";
    default:
      return `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
  }
}
