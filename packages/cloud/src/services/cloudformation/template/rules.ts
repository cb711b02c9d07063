import { isTrue } from "./conditions.ts";
import { callIn } from "./functions.ts";
import { isObject } from "./json.ts";
import type { Json } from "./json.ts";
import type { Template } from "./model.ts";
import { resolve } from "./resolve.ts";
import type { Environment } from "./resolve.ts";
import { TemplateError, templateError } from "./template-error.ts";

/**
 * Checks the parameters against the template's rules.
 *
 * @throws TemplateError that names every assertion which does not hold
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
 */
export function checkRules(template: Template, env: Environment): void {
  const failures: string[] = [];
  const ruleFunction = (name: string, argument: Json) => decide(name, argument, template, env);
  for (const [name, rule] of Object.entries(template.rules)) {
    if (rule.condition !== undefined && !isTrue(rule.condition, env, ruleFunction)) continue;
    for (const { assert, description } of rule.assertions) {
      if (!isTrue(assert, env, ruleFunction)) failures.push(`${name}: ${description ?? "an assertion does not hold"}`);
    }
  }
  if (failures.length > 0) throw new TemplateError(`Template rule validation failed: ${failures.join("; ")}`);
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-rules.html */
function decide(name: string, argument: Json, template: Template, env: Environment): boolean | undefined {
  if (!["Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn"].includes(name)) return undefined;
  const [first, second] = Array.isArray(argument) ? (argument as Json[]).map((one) => valueIn(one, template, env)) : [];
  const list = (value: unknown): readonly unknown[] => {
    if (!Array.isArray(value)) throw templateError(`${name} requires a list of strings`);
    return value;
  };
  switch (name) {
    case "Fn::Contains":
      return list(first).includes(second);
    case "Fn::EachMemberEquals":
      return list(first).every((one) => one === second);
    default:
      return list(first).every((one) => list(second).includes(one));
  }
}

function valueIn(value: Json, template: Template, env: Environment): unknown {
  const { name, argument } = (isObject(value) ? callIn(value) : undefined) ?? { name: "", argument: "" };
  switch (name) {
    case "Fn::RefAll":
      return Object.entries(template.parameters)
        .filter(([, { type }]) => type === argument)
        .map(([key]) => env.parameter(key));
    case "Fn::ValueOf":
    case "Fn::ValueOfAll":
      // These ask EC2 and Route 53 for attributes of what a parameter names.
      throw templateError(`Trysail cannot look up what ${name} asks for: it has no service that knows.`);
    default:
      return resolve(value, env);
  }
}
