import { cutCidr } from "./cidr.ts";
import { callIn, getAttArguments, languageExtensions, subArguments, subPieces } from "./functions.ts";
import { isObject } from "./json.ts";
import type { Json } from "./json.ts";
import type { Mapping } from "./model.ts";
import { TemplateError, templateError } from "./template-error.ts";

/** A value that cannot be known before these resources are there. */
export class Unknown {
  readonly causes: readonly UnknownCause[];
  constructor(causes: readonly UnknownCause[]) {
    this.causes = causes;
  }
}

export interface UnknownCause {
  readonly logicalId: string;
  /** Undefined for a `Ref`. */
  readonly attribute: string | undefined;
}

/** What `Ref: AWS::NoValue` gives: whatever holds it is left out. */
const noValue = Symbol("AWS::NoValue");

/** Plain data, with {@link Unknown} in the place of what is not known yet. */
export type Resolved = unknown;

/** All that functions draw on. */
export interface Environment {
  /** A parameter or a pseudo parameter; undefined if there is none of that name. */
  parameter(name: string): Json | undefined;
  /** @throws TemplateError if there is none of that name */
  condition(name: string): boolean;
  readonly mappings: Readonly<Record<string, Mapping>>;
  readonly transforms: readonly string[];
  /** What `Ref` gives for a resource; undefined if it is not there. */
  reference(logicalId: string): Json | Unknown | undefined;
  /** What `Fn::GetAtt` gives; undefined if there is no such resource or attribute. */
  attribute(logicalId: string, name: string): unknown;
  /** @throws TemplateError if nothing is exported by that name */
  exported(name: string): string;
  /** The names of a region's zones. */
  zones(region: string): readonly string[];
}

/**
 * Puts values in the place of all functions.
 *
 * @throws TemplateError
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function resolve(value: Json, env: Environment): Resolved {
  const resolved = evaluate(value, env);
  return resolved === noValue ? undefined : resolved;
}

/** What is unknown anywhere in a value. */
export function unknownsIn(value: Resolved): readonly UnknownCause[] {
  if (value instanceof Unknown) return value.causes;
  if (Array.isArray(value)) return value.flatMap(unknownsIn);
  return isObject(value) ? Object.values(value).flatMap(unknownsIn) : [];
}

function evaluate(value: Json, env: Environment): unknown {
  if (Array.isArray(value))
    return (value as Json[]).map((item) => evaluate(item, env)).filter((item) => item !== noValue);
  if (!isObject(value)) return value;
  const call = callIn(value);
  if (call !== undefined) return callFunction(call.name, call.argument, env);
  const members = Object.entries(value).map(([key, item]): [string, unknown] => [key, evaluate(item, env)]);
  return Object.fromEntries(members.filter(([, item]) => item !== noValue));
}

function callFunction(name: string, argument: Json, env: Environment): unknown {
  switch (name) {
    case "Ref":
      return referTo(asText(argument, name), env);
    case "Fn::GetAtt": {
      const { resource, attribute } = getAttArguments(argument);
      const attributeName = evaluate(attribute, env);
      if (typeof attributeName !== "string") throw templateError("the attribute of Fn::GetAtt must be a string");
      return attributeOf(resource, attributeName, env);
    }
    case "Fn::If": {
      const [condition, whenTrue, whenFalse] = asList(argument, name, 3);
      if (typeof condition !== "string")
        throw templateError("Fn::If requires a list argument with the first element being a condition");
      // Only the branch that is taken: the other may name what is not there.
      return evaluate((env.condition(condition) ? whenTrue : whenFalse) as Json, env);
    }
    case "Fn::Sub":
      return substitute(argument, env);
    case "Fn::FindInMap":
      return findInMap(argument, env);
    default:
      return applyFunction(name, evaluate(argument, env), env);
  }
}

/** Functions that want nothing but the values of their arguments. */
function applyFunction(name: string, argument: unknown, env: Environment): unknown {
  // A list of which only some items are unknown can still be told apart, joined and cut when they are known.
  const unknowns = unknownsIn(argument);
  if (unknowns.length > 0) return new Unknown(unknowns);
  switch (name) {
    case "Fn::Base64":
      return Buffer.from(asText(argument, name)).toString("base64");
    case "Fn::Join": {
      const [delimiter, items] = asList(argument, name, 2);
      if (!Array.isArray(items))
        throw templateError(
          "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
        );
      return items.map((item) => asText(item, name)).join(asText(delimiter, name));
    }
    case "Fn::Split": {
      const [delimiter, text] = asList(argument, name, 2);
      if (delimiter === "") throw templateError("Fn::Split delimiter must not be empty.");
      return asText(text, name).split(asText(delimiter, name));
    }
    case "Fn::Select": {
      const [index, items] = asList(argument, name, 2);
      const place = Number(asText(index, name));
      if (!Array.isArray(items))
        throw templateError("Fn::Select requires a list argument with two elements: an integer index and a list");
      if (!Number.isInteger(place) || place < 0 || place >= items.length)
        throw templateError(`Fn::Select cannot select nonexistent value at index ${asText(index, name)}`);
      return items[place];
    }
    case "Fn::Cidr": {
      const [block, count, bits = 8] = Array.isArray(argument) ? (argument as unknown[]) : [];
      return cutCidr(asText(block, name), Number(count), Number(bits));
    }
    case "Fn::GetAZs": {
      const region = asText(argument, name);
      return env.zones(region === "" ? asText(env.parameter("AWS::Region"), name) : region);
    }
    case "Fn::ImportValue":
      return env.exported(asText(argument, name));
    case "Fn::Length":
      if (!Array.isArray(argument)) throw templateError("Fn::Length requires a list.");
      return argument.length;
    case "Fn::ToJsonString":
      return JSON.stringify(argument);
    case "Fn::Transform":
      throw templateError("Fn::Transform calls a macro, and Trysail runs none.");
    default:
      throw templateError(`Encountered unsupported function: ${name}`);
  }
}

function referTo(name: string, env: Environment): unknown {
  if (name === "AWS::NoValue") return noValue;
  const value = env.parameter(name) ?? env.reference(name);
  if (value === undefined) throw unresolved(name);
  return value;
}

function attributeOf(resource: string, attribute: string, env: Environment): unknown {
  if (env.reference(resource) === undefined) throw unresolved(resource);
  const value = env.attribute(resource, attribute);
  if (value === undefined)
    throw templateError(`resource ${resource} does not support attribute type ${attribute} in Fn::GetAtt`);
  return value;
}

function unresolved(name: string): TemplateError {
  return new TemplateError(
    `Template format error: Unresolved resource dependencies [${name}] in the Resources block of the template`,
  );
}

function substitute(argument: Json, env: Environment): unknown {
  const { template, variables } = subArguments(argument);
  const values = subPieces(template).map((piece) => {
    if ("text" in piece) return piece.text;
    const { name } = piece;
    if (Object.hasOwn(variables, name)) return evaluate(variables[name] as Json, env);
    const dot = name.indexOf(".");
    return dot < 0 ? referTo(name, env) : attributeOf(name.slice(0, dot), name.slice(dot + 1), env);
  });
  const unknowns = unknownsIn(values);
  return unknowns.length > 0 ? new Unknown(unknowns) : values.map((value) => asText(value, "Fn::Sub")).join("");
}

function findInMap(argument: Json, env: Environment): unknown {
  const items = Array.isArray(argument) ? (argument as Json[]) : [];
  const [mapping, top, second, options] = items;
  const fallback = isObject(options) ? options["DefaultValue"] : undefined;
  if (
    items.length < 3 ||
    (options !== undefined && (fallback === undefined || !env.transforms.includes(languageExtensions)))
  ) {
    throw templateError(
      "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value",
    );
  }
  const names = [mapping, top, second].map((one) => evaluate(one as Json, env));
  const unknowns = unknownsIn(names);
  if (unknowns.length > 0) return new Unknown(unknowns);
  const [name = "", key = "", attribute = ""] = names.map((one) => asText(one, "Fn::FindInMap"));
  const table = Object.hasOwn(env.mappings, name) ? env.mappings[name] : undefined;
  const row = table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
  const found = row !== undefined && Object.hasOwn(row, attribute) ? row[attribute] : undefined;
  if (found !== undefined) return found;
  if (fallback !== undefined) return evaluate(fallback, env);
  if (table === undefined)
    throw templateError(`Mapping named '${name}' is not present in the 'Mappings' section of template.`);
  throw templateError(`Unable to get mapping for ${name}::${key}::${attribute}`);
}

function asList(argument: unknown, name: string, length: number): readonly unknown[] {
  if (!Array.isArray(argument) || argument.length !== length)
    throw templateError(`${name} requires a list argument with ${length} elements`);
  return argument;
}

function asText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw templateError(
    `${name} takes strings; here it was given ${Array.isArray(value) ? "a list" : "something else"}.`,
  );
}
