import { setEntry, type Reading } from "./reading.ts";
import { readText } from "./scalars.ts";
import type { ListShape, MapShape, Member, Shape, StructureShape } from "./shape.ts";
import { parseXml, XmlSyntaxError, type XmlElement } from "./xml-parse.ts";

/** Parses a document whose root must have the name given. */
export function parseDocument(reading: Reading, text: string, rootName: string): XmlElement {
  let root: XmlElement;
  try {
    root = parseXml(text);
  } catch (error) {
    if (error instanceof XmlSyntaxError)
      throw reading.malformed(`The request body is not valid XML: ${error.message}.`);
    throw error;
  }
  if (root.name !== rootName) throw reading.malformed(`The root element is <${root.name}>, not <${rootName}>.`);
  return root;
}

/** Reads the members of a structure that are given. An element that is none of them breaks the schema. */
export function readElement(
  reading: Reading,
  shape: StructureShape,
  element: XmlElement,
  members: readonly Member[],
): Record<string, unknown> {
  const groups = groupByName(element);
  const target: Record<string, unknown> = {};
  for (const member of members) {
    const value = readMember(reading, member, element, groups);
    if (value !== undefined) target[member.name] = value;
    else if (member.required && !member.idempotencyToken) reading.noteMissing(member);
  }
  for (const [name] of groups)
    throw reading.malformed(`<${element.name}> holds <${name}>, which ${shape.name} does not have.`);
  return target;
}

type Groups = Map<string, XmlElement[]>;

function groupByName({ children }: XmlElement): Groups {
  const groups: Groups = new Map();
  for (const child of children) {
    const group = groups.get(child.name);
    if (group === undefined) groups.set(child.name, [child]);
    else group.push(child);
  }
  return groups;
}

/** Takes the member's elements out of the groups. */
function readMember(reading: Reading, member: Member, element: XmlElement, groups: Groups): unknown {
  const { shape, wireName } = member;
  reading.enter(member.name);
  let value: unknown;
  if (member.attribute) {
    // Parsed without prefixes: `xsi:type` is `type`.
    const text = element.attributes[wireName.slice(wireName.indexOf(":") + 1)];
    value =
      text === undefined
        ? undefined
        : readValue(reading, shape, { name: wireName, attributes: {}, children: [], text });
  } else {
    const elements = groups.get(wireName);
    groups.delete(wireName);
    const [first] = elements ?? [];
    if (elements === undefined || first === undefined) value = undefined;
    else if (member.flattened && shape.kind === "list") value = readItems(reading, shape, elements);
    else if (member.flattened && shape.kind === "map") value = readEntries(reading, shape, elements);
    else if (elements.length > 1) throw reading.malformed(`<${wireName}> stands more than once in <${element.name}>.`);
    else value = readValue(reading, shape, first);
  }
  reading.leave();
  return value;
}

function readValue(reading: Reading, shape: Shape, element: XmlElement): unknown {
  switch (shape.kind) {
    case "structure":
      return readElement(reading, shape, element, shape.members);
    case "list":
      return readItems(reading, shape, childrenNamed(reading, element, shape.item.wireName));
    case "map":
      return readEntries(reading, shape, childrenNamed(reading, element, "entry"));
    case "string":
    case "number":
    case "boolean":
    case "timestamp":
    case "blob":
    case "stream":
    case "document":
      if (element.children.length > 0)
        throw reading.malformed(`<${element.name}> holds elements where a text is expected.`);
      return readText(reading, shape, shape.kind === "string" ? element.text : element.text.trim(), "date-time");
  }
}

function childrenNamed(reading: Reading, element: XmlElement, name: string): readonly XmlElement[] {
  for (const child of element.children) {
    if (child.name !== name)
      throw reading.malformed(`<${element.name}> holds <${child.name}> where <${name}> is expected.`);
  }
  return element.children;
}

function readItems(reading: Reading, shape: ListShape, elements: readonly XmlElement[]): unknown[] {
  return elements.map((element, index) => {
    reading.enter(String(index + 1));
    reading.enter("member");
    const value = readValue(reading, shape.item.shape, element);
    reading.leave();
    reading.leave();
    return value;
  });
}

function readEntries(reading: Reading, shape: MapShape, elements: readonly XmlElement[]): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (const element of elements) {
    const key = element.children.find((child) => child.name === shape.key.wireName);
    const value = element.children.find((child) => child.name === shape.value.wireName);
    if (key === undefined || value === undefined) throw reading.malformed(`<${element.name}> needs a key and a value.`);
    reading.enter(key.text);
    setEntry(map, key.text, readValue(reading, shape.value.shape, value));
    reading.leave();
  }
  return map;
}
