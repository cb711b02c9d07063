import type { Dimension } from "@aws-sdk/client-cloudwatch";
import type { Dimensions } from "../../../kernel/measurement.ts";
import { errors } from "../errors.ts";

const mostDimensions = 30;

/**
 * Dimensions as a request names them.
 *
 * @param place - what the request calls them
 * @throws AwsError `InvalidParameterValue`, `MissingParameter`
 */
export function dimensionsOf(given: readonly Dimension[] = [], place = "Dimensions"): Dimensions {
  if (given.length > mostDimensions)
    throw errors.InvalidParameterValue(`The collection ${place} must not have a size greater than ${mostDimensions}.`);
  const dimensions: Record<string, string> = Object.create(null) as Record<string, string>;
  given.forEach(({ Name: name = "", Value: value = "" }, index) => {
    const at = `${place}.member.${index + 1}`;
    if (name === "" || value === "")
      throw errors.MissingParameter(`The parameter ${at}.${name === "" ? "Name" : "Value"} is required.`);
    if (name.length > 255 || name.startsWith(":"))
      throw errors.InvalidParameterValue(`The value ${name} for parameter ${at}.Name is invalid.`);
    if (value.length > 1024)
      throw errors.InvalidParameterValue(`The parameter ${at}.Value must be shorter than 1025 characters.`);
    if (dimensions[name] !== undefined)
      throw errors.InvalidParameterValue(`The collection ${place} must not contain a duplicate dimension: ${name}.`);
    dimensions[name] = value;
  });
  return { ...dimensions };
}

/** Dimensions as an answer names them. */
export function toDimensions(dimensions: Dimensions): { Name: string; Value: string }[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
