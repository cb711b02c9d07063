import { errors } from "./errors.ts";

/** @param what - as AWS begins its messages: `Target group` @throws AwsError `ValidationError` */
export function checkName(what: "The load balancer" | "Target group", name: string): void {
  const named = `${what} name '${name}'`;
  if (name.length > 32) throw errors.ValidationError(`${named} cannot be longer than '32' characters`);
  if (!/^[A-Za-z0-9-]+$/.test(name))
    throw errors.ValidationError(
      `${named} can only contain characters that are alphanumeric characters and hyphens(-)`,
    );
  if (name.startsWith("-") || name.endsWith("-")) throw errors.ValidationError(`${named} cannot begin or end with '-'`);
  if (what === "The load balancer" && name.startsWith("internal-"))
    throw errors.ValidationError(`${named} cannot begin with 'internal-'`);
}
