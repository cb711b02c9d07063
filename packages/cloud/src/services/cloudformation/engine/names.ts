import { createHash } from "node:crypto";

const digest = (...parts: readonly string[]) => createHash("sha256").update(JSON.stringify(parts));

/** A token for one step: the same each time that the step is tried again. In the form of a UUID, which all services take. */
export function stepToken(operation: string, logicalId: string, action: string): string {
  const hex = digest(operation, logicalId, action).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/**
 * A physical name for a resource that was given none: `stack-Logical-1A2B3C4D5E6F`. Where that is too long, the stack's
 * name and the logical id are cut, and the suffix stays.
 *
 * @defaultValue `maxLength` is 255
 */
export function generateName(
  stackName: string,
  logicalId: string,
  token: string,
  options: { readonly maxLength?: number; readonly lowerCase?: boolean } = {},
): string {
  const { maxLength = 255, lowerCase = false } = options;
  const suffix = [...digest(stackName, logicalId, token).digest().subarray(0, 12)]
    .map((byte) => letters[byte % letters.length])
    .join("");
  const room = maxLength - suffix.length - 2;
  let stack = stackName;
  let resource = logicalId;
  if (stack.length + resource.length > room) {
    stack = stack.slice(0, Math.max(room - resource.length, Math.floor(room / 2)));
    resource = resource.slice(0, room - stack.length);
  }
  const name = `${stack.replace(/-+$/, "")}-${resource}-${suffix}`;
  return lowerCase ? name.toLowerCase() : name;
}
