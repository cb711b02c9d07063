import { hash } from "node:crypto";
import type { Dimensions } from "../../../kernel/measurement.ts";

/** A name of dimensions that is longer is replaced by its hash: keys of tables have a limit. */
const longestName = 400;

/** Dimensions as one text, the same for the same names and values in any order. */
export function dimensionsKey(dimensions: Dimensions): string {
  const names = Object.keys(dimensions);
  if (names.length === 0) return "";
  if (names.length > 1) names.sort();
  let key = "";
  for (const name of names) key += `${name}\u0000${dimensions[name]}\u0001`;
  return key.length <= longestName ? key : hash("sha256", key);
}

/** A metric with its dimensions as one text: series of it in other units have the same. */
export function metricKey(namespace: string, name: string, dimensions: Dimensions): string {
  return `${namespace}\u0002${name}\u0002${dimensionsKey(dimensions)}`;
}
