import { isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { templateError } from "./template-error.ts";

/** Functions of the language, by where they may stand. */
const everywhere = [
  "Fn::Base64",
  "Fn::Cidr",
  "Fn::FindInMap",
  "Fn::GetAZs",
  "Fn::GetAtt",
  "Fn::If",
  "Fn::ImportValue",
  "Fn::Join",
  "Fn::Select",
  "Fn::Split",
  "Fn::Sub",
  "Fn::Transform",
];
const logical = ["Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"];
const inRules = [
  "Fn::Contains",
  "Fn::EachMemberEquals",
  "Fn::EachMemberIn",
  "Fn::RefAll",
  "Fn::ValueOf",
  "Fn::ValueOfAll",
];
const extensions = ["Fn::Length", "Fn::ToJsonString"];

export const languageExtensions = "AWS::LanguageExtensions";

/** Where a value stands: it decides which functions it may use. */
export type Place = "resources" | "conditions" | "rules";

export interface FunctionCall {
  readonly name: string;
  readonly argument: Json;
}

/** The function that an object calls; undefined for plain data. */
export function callIn(value: JsonObject): FunctionCall | undefined {
  const keys = Object.keys(value);
  const [name] = keys;
  if (name === undefined || keys.length !== 1) return undefined;
  const argument = value[name] as Json;
  return name === "Ref" || name.startsWith("Fn::") ? { name, argument } : undefined;
}

/** @throws TemplateError for a function that there is not, or not there */
export function checkFunction(name: string, place: Place, transforms: readonly string[]): void {
  const allowed = [
    ...(place === "resources"
      ? everywhere
      : ["Fn::FindInMap", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub", "Fn::If", ...logical]),
    ...(place === "rules" ? inRules : []),
    ...(transforms.includes(languageExtensions) ? extensions : []),
  ];
  if (name === "Ref" || allowed.includes(name)) return;
  const hint = extensions.includes(name) ? ` ${name} needs the transform ${languageExtensions}.` : "";
  throw templateError(
    `Encountered unsupported function: ${name} Supported functions are: [${allowed.join(", ")}]${hint}`,
  );
}

/** A piece of what `Fn::Sub` takes: text as it is, or a name to replace. */
export type SubPiece = { readonly text: string } | { readonly name: string };

/** Splits a text at its `${…}`; `${!…}` is the text `${…}`. */
export function subPieces(template: string): readonly SubPiece[] {
  const pieces: SubPiece[] = [];
  let from = 0;
  for (const match of template.matchAll(/\$\{([^}]*)\}/g)) {
    if (match.index > from) pieces.push({ text: template.slice(from, match.index) });
    const name = (match[1] ?? "").trim();
    pieces.push(name.startsWith("!") ? { text: `\${${name.slice(1)}}` } : { name });
    from = match.index + match[0].length;
  }
  if (from < template.length) pieces.push({ text: template.slice(from) });
  return pieces;
}

/** The text and the variables that `Fn::Sub` is given. */
export function subArguments(argument: Json): { readonly template: string; readonly variables: JsonObject } {
  if (typeof argument === "string") return { template: argument, variables: {} };
  const [template, variables = {}] = Array.isArray(argument) ? (argument as Json[]) : [];
  if (typeof template !== "string" || !isObject(variables)) {
    throw templateError(
      "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string",
    );
  }
  return { template, variables };
}

/** A resource and its attribute, as `Fn::GetAtt` is given them. */
export function getAttArguments(argument: Json): { readonly resource: string; readonly attribute: Json } {
  if (typeof argument === "string") {
    const dot = argument.indexOf(".");
    if (dot > 0) return { resource: argument.slice(0, dot), attribute: argument.slice(dot + 1) };
  }
  const [resource, attribute, ...rest] = Array.isArray(argument) ? (argument as Json[]) : [];
  if (typeof resource !== "string" || attribute === undefined || rest.length > 0 || resource === "") {
    throw templateError(
      "Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute",
    );
  }
  return { resource, attribute };
}
