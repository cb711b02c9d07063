import { errors } from "../errors.ts";
import { isList, isMap } from "./value.ts";
import type { Value, ValueMap } from "./value.ts";

/** Loops may nest so deep. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html */
const deepest = 5;

/**
 * Writes out the `Fn::ForEach` loops of a template: each entry of a loop once for each item, `${Name}` and `&{Name}`
 * (the item's letters and digits only) replaced, in keys and values.
 *
 * @throws AwsError `ValidationError` for a loop over a list that is not written in the template
 */
export function expandLoops(template: ValueMap): ValueMap {
  return expandMap(template, 0);
}

function expand(value: Value, depth: number): Value {
  if (isList(value)) return value.map((item) => expand(item, depth));
  return isMap(value) ? expandMap(value, depth) : value;
}

function expandMap(map: ValueMap, depth: number): ValueMap {
  const expanded: Record<string, Value> = {};
  for (const [key, value] of Object.entries(map)) {
    if (!key.startsWith("Fn::ForEach::")) {
      expanded[key] = expand(value, depth);
      continue;
    }
    if (depth >= deepest) throw errors.ValidationError(`Template error: Fn::ForEach can be nested ${deepest} deep at most (${key}).`);
    const [name, items, body] = isList(value) ? value : [];
    if (typeof name !== "string" || !isList(items ?? null) || !isMap(body) || (items as readonly Value[]).some((item) => typeof item === "object")) {
      throw errors.ValidationError(`Template error: ${key} must have an identifier, a list of texts and a map. Trysail expands lists that are written in the template only.`);
    }
    for (const item of items as readonly Value[]) {
      Object.assign(expanded, expandMap(replaceIn(body, name, String(item)) as ValueMap, depth + 1));
    }
  }
  return expanded;
}

function replaceIn(value: Value, name: string, item: string): Value {
  if (typeof value === "string") {
    return value.replaceAll(`\${${name}}`, item).replaceAll(`&{${name}}`, item.replace(/[^A-Za-z0-9]/g, ""));
  }
  if (isList(value)) return value.map((part) => replaceIn(part, name, item));
  if (!isMap(value)) return value;
  // A reference to the loop's own name is the item.
  if (Object.keys(value).length === 1 && value["Ref"] === name) return item;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [replaceIn(key, name, item) as string, replaceIn(member, name, item)]));
}
