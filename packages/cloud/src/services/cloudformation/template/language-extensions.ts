import { isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { TemplateError } from "./template-error.ts";

/** Loops may be nested this deep. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html */
const deepestLoop = 5;

/** An expansion may not fill the memory. */
const mostMembers = 20_000;

const loopForm = /^Fn::ForEach::([A-Za-z0-9]{1,64})$/;

const wrong = (message: string) => new TemplateError(`Transform AWS::LanguageExtensions failed with: ${message}`);

/**
 * Writes out every `Fn::ForEach`.
 *
 * @param parameter - the value of a parameter, for collections that are one
 * @throws TemplateError
 */
export function expandLoops(template: JsonObject, parameter: (name: string) => Json | undefined): JsonObject {
  let members = 0;

  const expand = (value: Json, depth: number): Json => {
    if (Array.isArray(value)) return (value as Json[]).map((item) => expand(item, depth));
    if (!isObject(value)) return value;
    const result: Record<string, Json> = {};
    const add = (key: string, item: Json) => {
      if (Object.hasOwn(result, key)) throw wrong(`the key ${key} is there more than once`);
      if (++members > mostMembers) throw wrong(`the loops make more than ${mostMembers} members`);
      result[key] = item;
    };
    for (const [key, item] of Object.entries(value)) {
      if (!key.startsWith("Fn::ForEach")) add(key, expand(item, depth));
      else for (const [made, content] of unroll(key, item, depth)) add(made, content);
    }
    return result;
  };

  const unroll = (key: string, loop: Json, depth: number): [string, Json][] => {
    if (!loopForm.test(key)) throw wrong(`${key} must be named Fn::ForEach::UniqueLoopName`);
    if (depth >= deepestLoop) throw wrong(`${key} is nested deeper than ${deepestLoop} loops`);
    const [identifier, collection, body] = Array.isArray(loop) ? (loop as Json[]) : [];
    if (typeof identifier !== "string" || collection === undefined || !isObject(body)) {
      throw wrong(`${key} requires an identifier, a collection, and a map of output keys`);
    }
    return collectionOf(key, collection).flatMap((item) =>
      Object.entries(expand(substituteItem(body, identifier, item), depth + 1) as JsonObject),
    );
  };

  const collectionOf = (key: string, collection: Json): string[] => {
    const named =
      isObject(collection) && typeof collection["Ref"] === "string" ? parameter(collection["Ref"]) : collection;
    if (!Array.isArray(named))
      throw wrong(`the collection of ${key} must be a list, or refer to a parameter that is one`);
    return (named as Json[]).map(String);
  };

  return expand(template, 0) as JsonObject;
}

/** Puts an item in the place of the loop's identifier: `${Id}`, `&{Id}` (letters and digits only) and `{"Ref": "Id"}`. */
function substituteItem(value: Json, identifier: string, item: string): Json {
  const inText = (text: string) =>
    text
      .replaceAll(`\${${identifier}}`, () => item)
      .replaceAll(`&{${identifier}}`, () => item.replace(/[^A-Za-z0-9]/g, ""));
  if (typeof value === "string") return inText(value);
  if (Array.isArray(value)) return (value as Json[]).map((one) => substituteItem(one, identifier, item));
  if (!isObject(value)) return value;
  if (value["Ref"] === identifier && Object.keys(value).length === 1) return item;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [inText(key), substituteItem(one, identifier, item)]),
  );
}
