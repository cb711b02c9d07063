import type { ParameterDefinition } from "./model.ts";
import { isListType, isNumberType } from "./parameter-types.ts";
import { compilePattern } from "./sections.ts";
import { TemplateError } from "./template-error.ts";

/** A parameter as a request gives it. */
export interface GivenParameter {
  readonly key: string;
  readonly value: string | undefined;
  readonly usePrevious: boolean;
}

/** A parameter's value as templates see it. */
export type ParameterValue = string | readonly string[];

/**
 * The value of each parameter, as it was written: what is given, else what the stack had where that is asked for, else
 * the default. For a type of Parameter Store it is the name to look up.
 *
 * @param previous - what the stack was last given, if there is one
 * @throws TemplateError as AWS words it
 */
export function giveParameters(
  definitions: Readonly<Record<string, ParameterDefinition>>,
  given: readonly GivenParameter[],
  previous: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const keys = given.map(({ key }) => key);
  const unknown = keys.filter((key) => !Object.hasOwn(definitions, key));
  if (unknown.length > 0) throw new TemplateError(`Parameters: [${unknown.join(", ")}] do not exist in the template`);
  const twice = keys.filter((key, place) => keys.indexOf(key) !== place);
  if (twice.length > 0) throw new TemplateError(`Duplicate parameter keys: [${twice.join(", ")}]`);
  const byKey = new Map(given.map((parameter) => [parameter.key, parameter]));
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const [key, definition] of Object.entries(definitions)) {
    const parameter = byKey.get(key);
    const had = previous !== undefined && Object.hasOwn(previous, key) ? previous[key] : undefined;
    if (parameter?.usePrevious === true && parameter.value !== undefined) {
      throw new TemplateError(
        `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true and non empty value for a parameter`,
      );
    }
    if (parameter?.usePrevious === true && had === undefined) {
      throw new TemplateError(
        `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
      );
    }
    const value = (parameter?.usePrevious === true ? had : parameter?.value) ?? definition.default;
    if (value === undefined) missing.push(key);
    else values[key] = value;
  }
  if (missing.length > 0) throw new TemplateError(`Parameters: [${missing.join(", ")}] must have values`);
  for (const [key, value] of Object.entries(values))
    checkParameter(key, definitions[key] as ParameterDefinition, value);
  return values;
}

/** A value as templates see it: a list of its type is split at its commas. */
export function parameterValue(type: string, value: string): ParameterValue {
  if (!isListType(type)) return value;
  return value === "" ? [] : value.split(",").map((item) => item.trim());
}

function checkParameter(key: string, definition: ParameterDefinition, value: string): void {
  const { type, constraintDescription, allowedValues, allowedPattern, minLength, maxLength, minValue, maxValue } =
    definition;
  const refuse = (rule: string): never => {
    throw new TemplateError(
      constraintDescription === undefined
        ? `Parameter '${key}' ${rule}`
        : `Parameter ${key} failed to satisfy constraint: ${constraintDescription}`,
    );
  };
  const parsed = parameterValue(type, value);
  const items = typeof parsed === "string" ? [parsed] : parsed;
  for (const item of items) {
    if (isNumberType(type) && (item.trim() === "" || Number.isNaN(Number(item)))) {
      throw new TemplateError(`Parameter '${key}' must be a number`);
    }
    if (allowedValues !== undefined && !allowedValues.includes(item)) refuse(`must be one of AllowedValues`);
    if (isNumberType(type)) {
      if (minValue !== undefined && Number(item) < minValue) refuse(`must be a number not less than ${minValue}`);
      if (maxValue !== undefined && Number(item) > maxValue) refuse(`must be a number not greater than ${maxValue}`);
    }
    if (
      allowedPattern !== undefined &&
      !compilePattern(allowedPattern, `/Parameters/${key}/AllowedPattern`).test(item)
    ) {
      refuse(`must match pattern ${allowedPattern}`);
    }
    if (minLength !== undefined && item.length < minLength) refuse(`must contain at least ${minLength} characters`);
    if (maxLength !== undefined && item.length > maxLength) refuse(`must contain at most ${maxLength} characters`);
  }
}
