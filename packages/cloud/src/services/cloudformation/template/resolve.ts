import { errors } from "../errors.ts";
import { cidrBlocks } from "./cidr.ts";
import { callOf, isList, isMap, sameValue } from "./value.ts";
import type { Value, ValueMap } from "./value.ts";

/** What functions refer to. */
export interface Scope {
  /** The value of a parameter, a pseudo parameter or a resource; undefined if there is no such thing. */
  ref(name: string): Value | undefined;
  attribute(logicalId: string, name: string): Value | undefined;
  condition(name: string): boolean;
  mapping(map: string, first: string, second: string): Value | undefined;
  /** What another stack exports under that name. */
  imported(name: string): string | undefined;
  zones(region: string): readonly string[];
  readonly region: string;
}

/** What `Ref: AWS::NoValue` gives: the property that holds it is left out. */
export const noValue: unique symbol = Symbol("AWS::NoValue");

type Resolved = Value | typeof noValue;

const fault = (message: string) => errors.ValidationError(`Template error: ${message}`);

/** Replaces every function in a value by what it gives. @throws AwsError `ValidationError` */
export function resolve(value: Value, scope: Scope): Value {
  const resolved = resolveAny(value, scope);
  return resolved === noValue ? null : resolved;
}

function resolveAny(value: Value, scope: Scope): Resolved {
  const call = callOf(value);
  if (call !== undefined) return apply(call.name, call.argument, scope);
  if (isList(value)) return value.map((item) => resolveAny(item, scope)).filter((item): item is Value => item !== noValue);
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([key, member]): [string, Resolved] => [key, resolveAny(member, scope)]);
  return Object.fromEntries(entries.filter((entry): entry is [string, Value] => entry[1] !== noValue));
}

/** A scalar as text, as it stands in a joined string. */
export function textOf(value: Value, where: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw fault(`every ${where} must be a string.`);
}

function listOf(name: string, argument: Value, scope: Scope, least: number, most: number): readonly Value[] {
  if (!isList(argument) || argument.length < least || argument.length > most) {
    throw fault(`every ${name} object must have a list of ${least === most ? least : `${least} to ${most}`} parameters.`);
  }
  return argument.map((item) => resolve(item, scope));
}

function apply(name: string, argument: Value, scope: Scope): Resolved {
  switch (name) {
    case "Ref": {
      if (typeof argument !== "string") throw fault("all Ref objects must have a single String value.");
      if (argument === "AWS::NoValue") return noValue;
      const value = scope.ref(argument);
      if (value === undefined) throw fault(`Unresolved resource dependencies [${argument}].`);
      return value;
    }
    case "Fn::GetAtt":
      return attribute(argument, scope);
    case "Fn::Join": {
      if (!isList(argument) || argument.length !== 2 || typeof argument[0] !== "string") {
        throw fault('every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.');
      }
      const parts = resolve(argument[1] as Value, scope);
      if (!isList(parts)) throw fault("Fn::Join needs a list as its second parameter.");
      return parts.map((part) => textOf(part, "item of Fn::Join")).join(argument[0]);
    }
    case "Fn::Split": {
      const [delimiter, source] = listOf(name, argument, scope, 2, 2);
      return textOf(source as Value, "source of Fn::Split").split(textOf(delimiter as Value, "delimiter of Fn::Split"));
    }
    case "Fn::Select": {
      const [index, list] = listOf(name, argument, scope, 2, 2);
      const at = Number(index);
      if (!isList(list as Value)) throw fault("Fn::Select requires a list argument with two elements: an integer index and a list.");
      const picked = (list as readonly Value[])[at];
      if (!Number.isInteger(at) || picked === undefined) throw fault(`Fn::Select cannot select nonexistent value at index ${String(index)}`);
      return picked;
    }
    case "Fn::Sub":
      return substitute(argument, scope);
    case "Fn::FindInMap":
      return findInMap(argument, scope);
    case "Fn::ImportValue": {
      const wanted = textOf(resolve(argument, scope), "Fn::ImportValue");
      const value = scope.imported(wanted);
      if (value === undefined) throw errors.ValidationError(`No export named ${wanted} found.`);
      return value;
    }
    case "Fn::Base64":
      return Buffer.from(textOf(resolve(argument, scope), "Fn::Base64")).toString("base64");
    case "Fn::Cidr": {
      const [block, count, bits] = listOf(name, argument, scope, 2, 3);
      const blocks = cidrBlocks(String(block), Number(count), bits === undefined ? undefined : Number(bits));
      if (blocks === undefined) throw fault(`Fn::Cidr cannot take ${String(count)} blocks of ${String(bits)} bits out of ${String(block)}.`);
      return blocks;
    }
    case "Fn::GetAZs": {
      const region = textOf(resolve(argument, scope), "Fn::GetAZs");
      return scope.zones(region === "" ? scope.region : region);
    }
    case "Fn::If": {
      if (!isList(argument) || argument.length !== 3 || typeof argument[0] !== "string") throw fault("Fn::If requires a list argument with three elements");
      return resolveAny((scope.condition(argument[0]) ? argument[1] : argument[2]) as Value, scope);
    }
    case "Fn::Length": {
      const list = resolve(argument, scope);
      if (!isList(list)) throw fault("Fn::Length needs a list.");
      return list.length;
    }
    case "Fn::ToJsonString":
      return JSON.stringify(resolve(argument, scope));
    case "Fn::And":
    case "Fn::Or":
    case "Fn::Not":
    case "Fn::Equals":
      throw fault(`${name} can only be used inside of Conditions.`);
    case "Fn::Transform":
      throw fault("Trysail runs no macros: Fn::Transform is not supported.");
    default:
      throw fault(`Encountered unsupported function: ${name}`);
  }
}

function attribute(argument: Value, scope: Scope): Value {
  const parts = typeof argument === "string" ? [argument.slice(0, argument.indexOf(".")), argument.slice(argument.indexOf(".") + 1)] : argument;
  if (!isList(parts) || parts.length !== 2 || typeof parts[0] !== "string") {
    throw fault("Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute");
  }
  const name = textOf(resolve(parts[1] as Value, scope), "attribute of Fn::GetAtt");
  const value = scope.attribute(parts[0], name);
  if (value === undefined) throw fault(`resource ${parts[0]} does not support attribute type ${name} in Fn::GetAtt`);
  return value;
}

/** The names within `${…}`; `${!literal}` is none. */
export function substitutions(text: string): readonly string[] {
  return [...text.matchAll(/\$\{(?!!)([^}]*)\}/g)].map(([, name = ""]) => name.trim());
}

function substitute(argument: Value, scope: Scope): Value {
  const [text, variables] = isList(argument) ? argument : [argument, {}];
  if (typeof text !== "string" || !isMap(variables as Value)) {
    throw fault("One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string");
  }
  const own = variables as ValueMap;
  return text.replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, inner: string) => {
    if (literal === "!") return `\${${inner}}`;
    const name = inner.trim();
    if (Object.hasOwn(own, name)) return textOf(resolve(own[name] as Value, scope), `value of ${name} in Fn::Sub`);
    const dot = name.indexOf(".");
    const value = dot < 0 ? scope.ref(name) : attribute([name.slice(0, dot), name.slice(dot + 1)], scope);
    if (value === undefined) throw fault(`Unresolved resource dependencies [${name}].`);
    return isList(value) ? value.map((part) => textOf(part, "item")).join(",") : textOf(value, `value of ${name} in Fn::Sub`);
  });
}

function findInMap(argument: Value, scope: Scope): Value {
  if (!isList(argument) || argument.length < 3 || argument.length > 4) throw fault("every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value");
  const [map, first, second] = argument.slice(0, 3).map((part) => textOf(resolve(part, scope), "parameter of Fn::FindInMap")) as [string, string, string];
  const found = scope.mapping(map, first, second);
  if (found !== undefined) return found;
  const fallback = argument[3];
  if (isMap(fallback) && fallback["DefaultValue"] !== undefined) return resolve(fallback["DefaultValue"], scope);
  throw fault(`Unable to get mapping for ${map}::${first}::${second}`);
}

/** Decides a condition's definition. @param parameters - resolves what may stand in one: Ref to parameters, FindInMap, … */
export function decide(definition: Value, scope: Scope): boolean {
  const call = callOf(definition, true);
  if (call === undefined) throw errors.ValidationError("Template format error: Every Conditions member must be a function: And, Or, Not, Equals or Condition.");
  const { name, argument } = call;
  const all = (least: number, most: number): readonly Value[] => {
    if (!isList(argument) || argument.length < least || argument.length > most) {
      throw errors.ValidationError(`Template format error: Every ${name} object requires a list of ${least === most ? least : `at least ${least} and at most ${most}`} boolean parameters.`);
    }
    return argument;
  };
  switch (name) {
    case "Condition":
      return scope.condition(String(argument));
    case "Fn::And":
      return all(2, 10).every((part) => decide(part, scope));
    case "Fn::Or":
      return all(2, 10).some((part) => decide(part, scope));
    case "Fn::Not":
      return !decide(all(1, 1)[0] as Value, scope);
    case "Fn::Equals": {
      const [a, b] = all(2, 2).map((part) => resolve(part, scope)) as [Value, Value];
      return sameValue(a, b) || (typeof a !== "object" && typeof b !== "object" && String(a) === String(b));
    }
    default:
      throw errors.ValidationError(`Template format error: ${name} cannot be used in Conditions.`);
  }
}
