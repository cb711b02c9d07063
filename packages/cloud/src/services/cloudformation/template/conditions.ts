import { callIn } from "./functions.ts";
import { isObject, sameJson } from "./json.ts";
import type { Json } from "./json.ts";
import { resolve } from "./resolve.ts";
import type { Environment } from "./resolve.ts";
import { templateError } from "./template-error.ts";

/**
 * Whether something that is to be true or false is true: a condition, or a rule's assertion.
 *
 * @param more - functions that only rules have; undefined for a function that it does not know
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
 */
export function isTrue(
  value: Json,
  env: Environment,
  more?: (name: string, argument: Json) => boolean | undefined,
): boolean {
  const all = (argument: Json, name: string, fewest: number, most: number): boolean[] => {
    if (!Array.isArray(argument) || argument.length < fewest || argument.length > most) {
      throw templateError(
        `every ${name} object requires a list of ${fewest === most ? `${most}` : `at least ${fewest} and at most ${most}`} boolean parameters.`,
      );
    }
    return (argument as Json[]).map((one) => isTrue(one, env, more));
  };
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  if (isObject(value) && typeof value["Condition"] === "string" && Object.keys(value).length === 1)
    return env.condition(value["Condition"]);
  const { name, argument } = (isObject(value) ? callIn(value) : undefined) ?? { name: "", argument: "" };
  switch (name) {
    case "Fn::And":
      return all(argument, name, 2, 10).every(Boolean);
    case "Fn::Or":
      return all(argument, name, 2, 10).some(Boolean);
    case "Fn::Not":
      return !all(argument, name, 1, 1)[0];
    case "Fn::Equals": {
      if (!Array.isArray(argument) || argument.length !== 2)
        throw templateError("every Fn::Equals object requires a list of 2 string parameters.");
      const [a, b] = (argument as Json[]).map((one) => comparable(resolve(one, env)));
      return sameJson(a, b);
    }
    default: {
      const known = more?.(name, argument);
      if (known !== undefined) return known;
      throw templateError(
        `Conditions can only be boolean operations on parameters and other conditions; found ${JSON.stringify(value).slice(0, 200)}`,
      );
    }
  }
}

/** Parameters are texts: `true` and `"true"` are the same. */
function comparable(value: unknown): unknown {
  return typeof value === "boolean" || typeof value === "number" ? String(value) : value;
}

/** Decides a template's conditions, each once, when it is first asked for. They must have no circle. */
export function conditionsOf(
  conditions: Readonly<Record<string, Json>>,
  envOf: (condition: (name: string) => boolean) => Environment,
): (name: string) => boolean {
  const decided = new Map<string, boolean>();
  const condition = (name: string): boolean => {
    const known = decided.get(name);
    if (known !== undefined) return known;
    const definition = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
    if (definition === undefined) throw templateError(`unresolved condition dependency ${name}`);
    const result = isTrue(definition, env);
    decided.set(name, result);
    return result;
  };
  const env = envOf(condition);
  return condition;
}
