import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { Node, ScalarTag } from "yaml";
import { isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { jsonMistake } from "./json-mistake.ts";
import { TemplateError, formatError } from "./template-error.ts";

/** No real template is nested deeper; a deeper one would exhaust the stack of whoever walks it. */
const deepestNesting = 200;

/** The functions that YAML has a short form for, other than `!Ref` and `!Condition`. */
const shortForms = new Set([
  "And",
  "Base64",
  "Cidr",
  "Contains",
  "EachMemberEquals",
  "EachMemberIn",
  "Equals",
  "FindInMap",
  "GetAZs",
  "GetAtt",
  "If",
  "ImportValue",
  "Join",
  "Length",
  "Not",
  "Or",
  "RefAll",
  "Select",
  "Split",
  "Sub",
  "ToJsonString",
  "Transform",
  "ValueOf",
  "ValueOfAll",
]);

/**
 * Reads a template's text, JSON or YAML, with short forms written out: `!Sub x` as `{"Fn::Sub": "x"}`.
 *
 * @throws TemplateError with line and column, as AWS words it
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */
export function parseTemplate(text: string): JsonObject {
  const value = text.trimStart().startsWith("{") ? parseJson(text) : parseYaml(text);
  if (!isObject(value)) throw formatError("unsupported structure.");
  checkNesting(value);
  return value;
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    const lines = text.slice(0, jsonMistake(text) ?? text.length).split("\n");
    throw formatError(`JSON not well-formed. (line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1})`);
  }
}

function parseYaml(text: string): Json {
  const lineCounter = new LineCounter();
  const placeOf = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `(line ${line}, column ${col})`;
  };
  try {
    const document = parseDocument(text, {
      lineCounter,
      logLevel: "silent",
      schema: "yaml-1.1",
      // AWS leaves these out of YAML 1.1: a date stays the text that it is.
      customTags: (tags) =>
        tags
          .filter(
            (tag) =>
              typeof tag === "string" ||
              (!/:(timestamp|binary|omap|pairs|set)$/.test(tag.tag) && tag.format !== "TIME"),
          )
          .map((tag) =>
            typeof tag === "string" || !tag.tag.endsWith(":bool") ? tag : withoutLetters(tag as ScalarTag),
          ),
      merge: false,
    });
    const mistake = document.errors[0];
    if (mistake !== undefined) throw formatError(`YAML not well-formed. ${placeOf(mistake.pos[0])}`);
    return document.contents === null ? null : plain(document.contents, placeOf);
  } catch (error) {
    if (error instanceof RangeError) throw formatError("the template is nested too deeply.");
    throw error;
  }
}

/** `y` and `n` are texts, as for the parsers that people know; `yes` and `no` are not. */
function withoutLetters(tag: ScalarTag): ScalarTag {
  const source = tag.test?.source.replace(/\b(?:Y\|y|N\|n)\|/, "");
  return source === undefined ? tag : { ...tag, test: new RegExp(source) };
}

function plain(node: Node, placeOf: (offset: number) => string): Json {
  const place = () => placeOf(node.range?.[0] ?? 0);
  // An alias of an alias of an alias can stand for gigabytes; AWS allows none.
  if (isAlias(node)) throw formatError(`YAML aliases are not allowed in CloudFormation templates. ${place()}`);
  let value: Json;
  if (isScalar(node)) {
    const content: unknown = node.value;
    value = typeof content === "bigint" ? content.toString() : (content as Json);
  } else if (isSeq(node)) {
    value = node.items.map((item) => plain(item as Node, placeOf));
  } else if (isMap(node)) {
    const entries = node.items.map(({ key, value: item }): [string, Json] => {
      if (!isScalar(key)) throw formatError(`YAML not well-formed: a key must be a text. ${place()}`);
      // A key is the text that was written: `On`, not true.
      return [key.source ?? String(key.value), item === null ? null : plain(item as Node, placeOf)];
    });
    value = Object.fromEntries(entries);
  } else {
    throw formatError(`unsupported structure. ${place()}`);
  }
  return node.tag?.startsWith("!") === true && !node.tag.startsWith("!!")
    ? longForm(node.tag.slice(1), value, place)
    : value;
}

function longForm(name: string, value: Json, place: () => string): Json {
  if (name === "Ref" || name === "Condition") return { [name]: value };
  if (!shortForms.has(name)) throw formatError(`YAML not well-formed: the tag !${name} is not known. ${place()}`);
  if (name === "GetAtt" && typeof value === "string") {
    const dot = value.indexOf(".");
    if (dot < 0)
      throw new TemplateError(
        `Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute ${place()}`,
      );
    return { "Fn::GetAtt": [value.slice(0, dot), value.slice(dot + 1)] };
  }
  if (name === "GetAZs" && value === null) return { "Fn::GetAZs": "" };
  return { [`Fn::${name}`]: value };
}

/** Refuses what is nested too deeply, and null, which has no meaning in a template. */
function checkNesting(template: JsonObject): void {
  const rest: { readonly value: Json; readonly path: string; readonly depth: number }[] = [
    { value: template, path: "", depth: 0 },
  ];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value, path, depth } = next;
    if (depth > deepestNesting) throw formatError("the template is nested too deeply.");
    if (value === null) throw formatError(`[${path}] 'null' values are not allowed in templates`);
    if (typeof value !== "object") continue;
    for (const [key, item] of Object.entries(value))
      rest.push({ value: item, path: `${path}/${key}`, depth: depth + 1 });
  }
}
