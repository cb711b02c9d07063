/** A property as a text: templates write numbers and booleans in either way. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}
