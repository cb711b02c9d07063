import { substitutions } from "./resolve.ts";
import { callOf, isList, isMap } from "./value.ts";
import type { Value, ValueMap } from "./value.ts";

/** A name that a value refers to: by Ref, or by GetAtt. Both stand in Sub too. */
export interface Reference {
  readonly name: string;
  readonly attribute: string | undefined;
}

/** All references in a value, to whatever. Both branches of an If count: which one is taken is not asked. */
export function references(value: Value): Reference[] {
  const call = callOf(value);
  if (call === undefined) {
    if (isList(value)) return value.flatMap(references);
    return isMap(value) ? Object.values(value).flatMap(references) : [];
  }
  const { name, argument } = call;
  if (name === "Ref") return typeof argument === "string" ? [{ name: argument, attribute: undefined }] : [];
  if (name === "Fn::GetAtt") return attributeReference(argument);
  if (name !== "Fn::Sub") return references(argument);
  const [text, variables = {}] = isList(argument) ? argument : [argument];
  const own = isMap(variables) ? variables : {};
  const named = substitutions(String(text)).filter((inner) => !Object.hasOwn(own, inner));
  return [...references(own), ...named.map(dotted)];
}

function dotted(text: string): Reference {
  const dot = text.indexOf(".");
  return dot < 0 ? { name: text, attribute: undefined } : { name: text.slice(0, dot), attribute: text.slice(dot + 1) };
}

function attributeReference(argument: Value): Reference[] {
  if (typeof argument === "string") return [dotted(argument)];
  if (!isList(argument) || typeof argument[0] !== "string") return [];
  const [name, attribute = ""] = argument;
  if (typeof attribute === "string") return [{ name, attribute }];
  return [{ name, attribute: undefined }, ...references(attribute)];
}

/** The conditions that a value's Ifs name. */
export function conditionsIn(value: Value): string[] {
  if (isList(value)) return value.flatMap(conditionsIn);
  if (!isMap(value)) return [];
  const call = callOf(value);
  const own = call?.name === "Fn::If" && isList(call.argument) && typeof call.argument[0] === "string" ? [call.argument[0]] : [];
  return [...own, ...Object.values(value).flatMap(conditionsIn)];
}

/**
 * Finds a cycle.
 *
 * @param edges - from each name to those it depends on; names without an entry have none
 * @returns the names on the cycle, in order, or undefined
 */
export function findCycle(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): readonly string[] | undefined => {
    if (done.has(name)) return undefined;
    const at = path.indexOf(name);
    if (at >= 0) return path.slice(at);
    path.push(name);
    for (const next of edges.get(name) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(name);
    return undefined;
  };
  for (const name of edges.keys()) {
    const cycle = visit(name);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** The resources that a resource depends on: by reference, or by `DependsOn`. */
export function dependenciesOf(resource: ValueMap, resources: ReadonlySet<string>): string[] {
  const { DependsOn: explicit } = resource;
  const named = typeof explicit === "string" ? [explicit] : isList(explicit ?? null) ? (explicit as readonly Value[]).map(String) : [];
  const referred = [resource["Properties"] ?? {}, resource["Metadata"] ?? {}].flatMap(references).map(({ name }) => name);
  return [...new Set([...named, ...referred])].filter((name) => resources.has(name));
}
