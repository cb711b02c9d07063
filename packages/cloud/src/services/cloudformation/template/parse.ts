import { LineCounter, parseDocument } from "yaml";
import type { CollectionTag, ScalarTag } from "yaml";
import { isCollection, isMap as isYamlMap, isPair, isScalar } from "yaml";
import { errors } from "../errors.ts";
import { isMap } from "./value.ts";
import type { Value, ValueMap } from "./value.ts";

/** Aliases in a template may copy at most so much. */
const mostAliases = 100;

/** The short forms of functions; each is its name behind an exclamation mark. */
const shortForms = [
  "And",
  "Base64",
  "Cidr",
  "Condition",
  "Equals",
  "FindInMap",
  "GetAtt",
  "GetAZs",
  "If",
  "ImportValue",
  "Join",
  "Length",
  "Not",
  "Or",
  "Ref",
  "Select",
  "Split",
  "Sub",
  "ToJsonString",
  "Transform",
];

/** Functions whose long form has no `Fn::` before the name. */
const bare = new Set(["Ref", "Condition"]);

const tags: (ScalarTag | CollectionTag)[] = shortForms.flatMap((name): (ScalarTag | CollectionTag)[] => {
  const common = { tag: `!${name}`, identify: () => false };
  return [
    { ...common, resolve: (text: string) => text } as ScalarTag,
    { ...common, collection: "seq" } as CollectionTag,
    { ...common, collection: "map" } as CollectionTag,
  ];
});

/** A node's function in long form: `!GetAtt a.b` is `{ "Fn::GetAtt": ["a", "b"] }`. */
function longForm(tag: string, argument: unknown): unknown {
  const name = tag.slice(1);
  const key = bare.has(name) ? name : `Fn::${name}`;
  if (name !== "GetAtt" || typeof argument !== "string") return { [key]: argument };
  const dot = argument.indexOf(".");
  return { [key]: dot < 0 ? argument : [argument.slice(0, dot), argument.slice(dot + 1)] };
}

/**
 * Reads a template, in JSON or YAML, into plain data with functions in their long form.
 *
 * @throws AwsError `ValidationError` that names the line and column
 */
export function parseTemplate(text: string): ValueMap {
  const parsed = text.trimStart().startsWith("{") ? parseJson(text) : parseYaml(text);
  if (!isMap(parsed)) throw errors.ValidationError("Template format error: unsupported structure.");
  return parsed;
}

function parseJson(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch (error) {
    // YAML's flow style looks like JSON: a template may begin with a brace and still be YAML.
    try {
      return parseYaml(text);
    } catch {
      const position = Number(/position (\d+)/.exec(String(error))?.[1] ?? text.length);
      const lines = text.slice(0, position).split("\n");
      throw errors.ValidationError(`Template format error: JSON not well-formed. (line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1})`);
    }
  }
}

function parseYaml(text: string): Value {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { customTags: tags as never, lineCounter, prettyErrors: false, uniqueKeys: true });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const { line, col } = lineCounter.linePos(fault.pos[0]);
    throw errors.ValidationError(`Template format error: YAML not well-formed. (line ${line}, column ${col})`);
  }
  const unknown = document.warnings.find(({ code }) => code === "TAG_RESOLVE_FAILED");
  if (unknown !== undefined) {
    const { line, col } = lineCounter.linePos(unknown.pos[0]);
    throw errors.ValidationError(`Template format error: ${unknown.message.replace(/ at line.*$/s, "")} (line ${line}, column ${col})`);
  }
  try {
    return toPlain(document.contents, document) as Value;
  } catch (error) {
    throw errors.ValidationError(`Template format error: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function toPlain(node: unknown, document: ReturnType<typeof parseDocument>, depth = 0, aliases = { count: 0 }): unknown {
  if (depth > 200) throw new Error("the template is nested too deeply.");
  if (node === null || node === undefined) return null;
  if (isPair(node)) throw new Error("unsupported structure.");
  const tag = (node as { readonly tag?: string }).tag;
  const wrap = (plain: unknown) => (tag?.startsWith("!") === true && !tag.startsWith("!!") ? longForm(tag, plain) : plain);
  if (isScalar(node)) {
    const value = node.value;
    return wrap(value instanceof Date ? (node.source ?? value.toISOString()) : typeof value === "bigint" ? Number(value) : value);
  }
  if (isCollection(node)) {
    if (isYamlMap(node)) {
      return wrap(
        Object.fromEntries(
          node.items.map(({ key, value }) => [String(isScalar(key) ? (key.source ?? key.value) : key), toPlain(value, document, depth + 1, aliases)]),
        ),
      );
    }
    return wrap((node.items as unknown[]).map((item) => toPlain(item, document, depth + 1, aliases)));
  }
  aliases.count += 1;
  if (aliases.count > mostAliases) throw new Error("too many YAML aliases.");
  const target = (node as { resolve(doc: unknown): unknown }).resolve(document);
  return toPlain(target, document, depth + 1, aliases);
}
