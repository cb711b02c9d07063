import { errors } from "../errors.ts";
import { isList, isMap } from "./value.ts";
import type { Value, ValueMap } from "./value.ts";

/** A parameter as a caller gives it. */
export interface GivenParameter {
  readonly ParameterKey?: string | undefined;
  readonly ParameterValue?: string | undefined;
  readonly UsePreviousValue?: boolean | undefined;
}

/** A parameter's value for one operation. */
export interface EffectiveParameter {
  readonly name: string;
  /** As given: of an SSM type, the name of the parameter in Parameter Store. */
  readonly text: string;
  readonly noEcho: boolean;
  /** The name in Parameter Store whose value `Ref` gives; undefined if the type is none of SSM's. */
  readonly storedAs: string | undefined;
  readonly isList: boolean;
}

const scalarTypes = new Set(["String", "Number"]);
const listTypes = new Set(["CommaDelimitedList", "List<Number>", "List<String>"]);

/** AWS's own types of values, whose existence CloudFormation checks in the account; here only their form counts. */
const awsType = /^AWS::(EC2|Route53|SSM)::[A-Za-z]+::?[A-Za-z.:]+$|^AWS::SSM::Parameter::Name$/;

interface ParameterType {
  readonly stored: boolean;
  readonly isList: boolean;
  readonly isNumber: boolean;
}

function typeOf(type: string): ParameterType | undefined {
  const stored = /^AWS::SSM::Parameter::Value<(?<inner>.+)>$/.exec(type)?.groups?.["inner"];
  if (stored !== undefined) {
    const inner = typeOf(stored);
    return inner && { ...inner, stored: true };
  }
  if (scalarTypes.has(type)) return { stored: false, isList: false, isNumber: type === "Number" };
  if (listTypes.has(type)) return { stored: false, isList: true, isNumber: type === "List<Number>" };
  const item = /^List<(?<inner>.+)>$/.exec(type)?.groups?.["inner"];
  if (awsType.test(item ?? type)) return { stored: false, isList: item !== undefined, isNumber: false };
  return undefined;
}

/**
 * The values of a template's parameters: given, kept from the stack's last operation, or the default.
 *
 * @param previous - the texts of the stack's last operation
 * @throws AwsError `ValidationError`, in AWS's words
 */
export function effectiveParameters(definitions: ValueMap, given: readonly GivenParameter[], previous: ReadonlyMap<string, string>): EffectiveParameter[] {
  const unknown = given.map(({ ParameterKey: key = "" }) => key).filter((key) => !Object.hasOwn(definitions, key));
  if (unknown.length > 0) throw errors.ValidationError(`Parameters: [${unknown.join(", ")}] do not exist in the template`);
  const missing: string[] = [];
  const effective = Object.entries(definitions).flatMap(([name, raw]): EffectiveParameter[] => {
    const definition = isMap(raw) ? raw : {};
    const own = given.find(({ ParameterKey: key }) => key === name);
    if (own?.UsePreviousValue === true && !previous.has(name)) {
      throw errors.ValidationError(`Invalid input for parameter key ${name}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`);
    }
    const fallback = definition["Default"];
    const defaulted = fallback === undefined || fallback === null ? undefined : isList(fallback) ? fallback.join(",") : String(fallback);
    const text = own?.UsePreviousValue === true ? previous.get(name) : (own?.ParameterValue ?? defaulted);
    if (text === undefined) {
      missing.push(name);
      return [];
    }
    return [check(name, definition, text)];
  });
  if (missing.length > 0) throw errors.ValidationError(`Parameters: [${missing.join(", ")}] must have values`);
  return effective;
}

function check(name: string, definition: ValueMap, text: string): EffectiveParameter {
  const typeName = String(definition["Type"] ?? "");
  const type = typeOf(typeName);
  if (type === undefined) throw errors.ValidationError(`Template format error: Unrecognized parameter type: ${typeName}`);
  const noEcho = String(definition["NoEcho"] ?? "false") === "true";
  // What a name in Parameter Store stands for is not known here, and AWS checks the name only.
  const items = type.isList && !type.stored ? text.split(",").map((item) => item.trim()) : [text];
  const explained = definition["ConstraintDescription"];
  const fail = (message: string) => errors.ValidationError(`Parameter '${name}' ${explained === undefined ? message : `must match: ${String(explained)}`}`);
  for (const item of items) {
    if (type.isNumber && !type.stored && (item.trim() === "" || !Number.isFinite(Number(item)))) throw fail("must be a number.");
    const allowed = definition["AllowedValues"];
    if (isList(allowed ?? null) && !(allowed as readonly Value[]).some((value) => String(value) === item)) {
      throw fail(`must be one of AllowedValues`);
    }
    const pattern = definition["AllowedPattern"];
    if (typeof pattern === "string" && !new RegExp(`^(?:${pattern})$`).test(item)) throw fail(`must match pattern ${pattern}`);
    const { MinLength: shortest, MaxLength: longest, MinValue: least, MaxValue: most } = definition;
    if (shortest !== undefined && item.length < Number(shortest)) throw fail(`must contain at least ${String(shortest)} characters`);
    if (longest !== undefined && item.length > Number(longest)) throw fail(`must contain at most ${String(longest)} characters`);
    if (least !== undefined && Number(item) < Number(least)) throw fail(`must be a number not less than ${String(least)}`);
    if (most !== undefined && Number(item) > Number(most)) throw fail(`must be a number not greater than ${String(most)}`);
  }
  return { name, text, noEcho, storedAs: type.stored ? text : undefined, isList: type.isList };
}

/** What `Ref` gives for a parameter. @param stored - the value in Parameter Store, for the SSM types */
export function parameterValue(parameter: EffectiveParameter, stored: string | undefined): Value {
  const text = parameter.storedAs === undefined ? parameter.text : (stored ?? "");
  if (!parameter.isList) return text;
  return text === "" ? [] : text.split(",").map((item) => item.trim());
}
