import { callIn, getAttArguments, subArguments, subPieces } from "./functions.ts";
import { isObject } from "./json.ts";
import type { Json } from "./json.ts";
import { templateError } from "./template-error.ts";

/** Something that a value names: a parameter or resource (`Ref`), a resource's attribute, a condition, a mapping. */
export type Reference =
  | { readonly kind: "ref"; readonly name: string }
  | {
      readonly kind: "attribute";
      readonly name: string;
      readonly attribute: Json;
      readonly by: "Fn::GetAtt" | "Fn::Sub";
    }
  | { readonly kind: "condition"; readonly name: string }
  | { readonly kind: "mapping"; readonly name: string };

/** What a value refers to, in the order of the text. */
export function* referencesIn(value: Json): Generator<Reference> {
  if (Array.isArray(value)) {
    for (const item of value as Json[]) yield* referencesIn(item);
    return;
  }
  if (!isObject(value)) return;
  const call = callIn(value);
  if (call === undefined) {
    for (const item of Object.values(value)) yield* referencesIn(item);
    return;
  }
  const { name, argument } = call;
  switch (name) {
    case "Ref":
      if (typeof argument !== "string") throw templateError("every Ref object must have a single String value.");
      yield { kind: "ref", name: argument };
      return;
    case "Fn::GetAtt": {
      const { resource, attribute } = getAttArguments(argument);
      yield { kind: "attribute", name: resource, attribute, by: "Fn::GetAtt" };
      yield* referencesIn(attribute);
      return;
    }
    case "Fn::Sub": {
      const { template, variables } = subArguments(argument);
      for (const piece of subPieces(template)) {
        if (!("name" in piece) || Object.hasOwn(variables, piece.name)) continue;
        const dot = piece.name.indexOf(".");
        if (dot < 0) yield { kind: "ref", name: piece.name };
        else
          yield {
            kind: "attribute",
            name: piece.name.slice(0, dot),
            attribute: piece.name.slice(dot + 1),
            by: "Fn::Sub",
          };
      }
      yield* referencesIn(variables);
      return;
    }
    case "Fn::If": {
      const [condition] = Array.isArray(argument) ? (argument as Json[]) : [];
      if (typeof condition === "string") yield { kind: "condition", name: condition };
      yield* referencesIn(argument);
      return;
    }
    case "Fn::FindInMap": {
      const [mapping] = Array.isArray(argument) ? (argument as Json[]) : [];
      if (typeof mapping === "string") yield { kind: "mapping", name: mapping };
      yield* referencesIn(argument);
      return;
    }
    default:
      yield* referencesIn(argument);
  }
}

/** The conditions that a condition is made of. */
export function* conditionsIn(value: Json): Generator<string> {
  if (Array.isArray(value)) for (const item of value as Json[]) yield* conditionsIn(item);
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === "Condition" && typeof item === "string") yield item;
    else yield* conditionsIn(item);
  }
}

/** Every function that a value calls. */
export function* functionsIn(value: Json): Generator<string> {
  if (Array.isArray(value)) for (const item of value as Json[]) yield* functionsIn(item);
  if (!isObject(value)) return;
  const call = callIn(value);
  if (call !== undefined) yield call.name;
  for (const item of Object.values(value)) yield* functionsIn(item);
}
