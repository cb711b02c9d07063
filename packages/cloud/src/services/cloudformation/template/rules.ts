import { errors } from "../errors.ts";
import { resolve } from "./resolve.ts";
import type { Scope } from "./resolve.ts";
import { isList, isMap, sameValue } from "./value.ts";
import type { Value, ValueMap } from "./value.ts";

/** What rules ask about parameters beyond their values: all parameters of a type, and attributes of their values. */
export interface RuleScope extends Scope {
  parametersOfType(type: string): readonly Value[];
}

/**
 * Checks a template's rules: where a rule's condition holds, each of its assertions must.
 *
 * @throws AwsError `ValidationError` with the descriptions of the assertions that fail
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
 */
export function checkRules(rules: ValueMap, scope: RuleScope): void {
  const failed = Object.entries(rules).flatMap(([name, rule]) => {
    if (!isMap(rule)) throw errors.ValidationError(`Template format error: Rule ${name} must be an object.`);
    const condition = rule["RuleCondition"];
    if (condition !== undefined && !holds(condition, scope)) return [];
    const assertions = rule["Assertions"];
    return (isList(assertions ?? null) ? (assertions as readonly Value[]) : []).flatMap((assertion) => {
      if (!isMap(assertion) || assertion["Assert"] === undefined) throw errors.ValidationError(`Template format error: Each assertion of rule ${name} must have an Assert.`);
      return holds(assertion["Assert"], scope) ? [] : [String(assertion["AssertDescription"] ?? `an assertion of rule ${name} does not hold`)];
    });
  });
  if (failed.length > 0) throw errors.ValidationError(`Template validation error: ${failed.join("; ")}`);
}

function holds(definition: Value, scope: RuleScope): boolean {
  const [name = "", ...others] = isMap(definition) ? Object.keys(definition) : [];
  const argument = isMap(definition) ? definition[name] : undefined;
  if (others.length > 0 || argument === undefined) throw errors.ValidationError("Template format error: An assertion must be one function.");
  const parts = isList(argument) ? argument : [argument];
  const values = () => parts.map((part) => valueOf(part, scope));
  switch (name) {
    case "Fn::And":
      return parts.every((part) => holds(part, scope));
    case "Fn::Or":
      return parts.some((part) => holds(part, scope));
    case "Fn::Not":
      return !holds(parts[0] as Value, scope);
    case "Fn::Equals": {
      const [a, b] = values();
      return sameValue(a, b) || String(a) === String(b);
    }
    case "Fn::Contains": {
      const [list, wanted] = values();
      return asList(list).some((item) => String(item) === String(wanted));
    }
    case "Fn::EachMemberEquals": {
      const [list, wanted] = values();
      return asList(list).every((item) => String(item) === String(wanted));
    }
    case "Fn::EachMemberIn": {
      const [list, allowed] = values();
      return asList(list).every((item) => asList(allowed).some((one) => String(one) === String(item)));
    }
    default:
      throw errors.ValidationError(`Template format error: ${name} cannot be used in Rules.`);
  }
}

const asList = (value: Value | undefined): readonly Value[] => (isList(value ?? null) ? (value as readonly Value[]) : []);

function valueOf(value: Value, scope: RuleScope): Value {
  if (isMap(value)) {
    if (typeof value["Fn::RefAll"] === "string") return scope.parametersOfType(value["Fn::RefAll"]);
    if (value["Fn::ValueOf"] !== undefined || value["Fn::ValueOfAll"] !== undefined) {
      throw errors.ValidationError("Template error: Fn::ValueOf and Fn::ValueOfAll ask for attributes of VPCs, subnets and images, which Trysail does not keep.");
    }
  }
  if (isList(value)) return value.map((item) => valueOf(item, scope));
  return resolve(value, scope);
}
