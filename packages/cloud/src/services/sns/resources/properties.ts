import type { Properties } from "../../../kernel/resource.ts";

/** A template's properties as attributes, which are all texts. */
export function attributesOf(properties: Properties, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = properties[name];
      if (value === undefined) return [];
      return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
    }),
  );
}
