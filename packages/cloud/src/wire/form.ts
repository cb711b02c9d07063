import { setEntry, type Reading } from "./reading.ts";
import { readText } from "./scalars.ts";
import type { ListShape, MapShape, Member, StructureShape } from "./shape.ts";

/** A form as a tree: `Tags.member.1.Key=a` is a leaf at Tags → member → 1 → Key. */
export interface FormNode {
  text: string | undefined;
  children: Map<string, FormNode> | undefined;
}

/** Deeper than any schema. */
const depthMax = 64;

/** Splits a query string or form into its names and values, decoded. */
export function parsePairs(text: string, malformed: (detail: string) => Error): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  if (text === "") return pairs;
  for (const part of text.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = equals === -1 ? part : part.slice(0, equals);
    pairs.push([decode(name, malformed), equals === -1 ? "" : decode(part.slice(equals + 1), malformed)]);
  }
  return pairs;
}

function decode(text: string, malformed: (detail: string) => Error): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw malformed(`'${text}' is not valid percent-encoding.`);
  }
}

/** Makes the tree of a form's pairs. */
export function formTree(reading: Reading, pairs: Iterable<readonly [string, string]>): FormNode {
  const root: FormNode = { text: undefined, children: undefined };
  for (const [name, value] of pairs) {
    let node = root;
    const parts = name.split(".");
    if (parts.length > depthMax) throw reading.malformed(`The parameter name '${name.slice(0, 100)}…' is too deep.`);
    for (const part of parts) {
      node.children ??= new Map();
      let child = node.children.get(part);
      if (child === undefined) {
        child = { text: undefined, children: undefined };
        node.children.set(part, child);
      }
      node = child;
    }
    node.text = value;
  }
  return root;
}

/** How a protocol writes lists: ec2Query's are always flat. */
export interface FormStyle {
  readonly flat: boolean;
}

export function readForm(
  reading: Reading,
  style: FormStyle,
  shape: StructureShape,
  node: FormNode,
): Record<string, unknown> {
  const target: Record<string, unknown> = {};
  for (const member of shape.members) {
    const child = node.children?.get(member.formName);
    if (child !== undefined) {
      reading.enter(member.name);
      target[member.name] = readNode(reading, style, member, child);
      reading.leave();
    } else if (member.required && !member.idempotencyToken) {
      reading.noteMissing(member);
    }
  }
  return target;
}

function readNode(
  reading: Reading,
  style: FormStyle,
  { shape, flattened }: Pick<Member, "shape" | "flattened">,
  node: FormNode,
): unknown {
  switch (shape.kind) {
    case "structure":
      return readForm(reading, style, shape, node);
    case "list":
      return readList(reading, style, shape, flattened, node);
    case "map":
      return readMap(reading, style, shape, flattened, node);
    case "string":
    case "number":
    case "boolean":
    case "timestamp":
    case "blob":
    case "stream":
    case "document":
      if (node.text === undefined) throw reading.wrongType("A single value was expected");
      return readText(reading, shape, node.text, "date-time");
  }
}

function readList(reading: Reading, style: FormStyle, shape: ListShape, flattened: boolean, node: FormNode): unknown[] {
  // `Tags=` is an empty list.
  const items = style.flat || flattened ? node : node.children?.get(shape.item.formName);
  return inOrder(reading, items).map((item, index) => {
    reading.enter(String(index + 1));
    reading.enter("member");
    const value = readNode(reading, style, shape.item, item);
    reading.leave();
    reading.leave();
    return value;
  });
}

function readMap(
  reading: Reading,
  style: FormStyle,
  shape: MapShape,
  flattened: boolean,
  node: FormNode,
): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (const entry of inOrder(reading, flattened ? node : node.children?.get("entry"))) {
    const key = entry.children?.get(shape.key.formName)?.text;
    const value = entry.children?.get(shape.value.formName);
    if (key === undefined || value === undefined) throw reading.wrongType("A map's entry needs a key and a value");
    reading.enter(key);
    setEntry(map, key, readNode(reading, style, shape.value, value));
    reading.leave();
  }
  return map;
}

/** Entries by their number. Clients begin at 1, some at 0, and numbers may be left out. */
function inOrder(reading: Reading, node: FormNode | undefined): FormNode[] {
  if (node?.children === undefined) return [];
  const numbered = [...node.children].map(([name, child]): [number, FormNode] => {
    if (!/^\d{1,9}$/.test(name)) throw reading.wrongType(`'${name}' is not a list's index`);
    return [Number(name), child];
  });
  return numbered.sort(([one], [other]) => one - other).map(([, child]) => child);
}

/** The part of a query request that tells the operation. */
export function actionOf(node: FormNode): string | undefined {
  return node.children?.get("Action")?.text;
}
