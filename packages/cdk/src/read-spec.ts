import { mistakeText, parseRollout, type RolloutDocument } from "@trysail/delivery/spec";
import { parse } from "yaml";

/**
 * A `rollout.yaml`, or the same as JSON, for a `RolloutAction`.
 *
 * @param text - what is in the file
 * @param file - its name, for messages
 * @throws Error that tells each mistake with its line
 */
export function readSpec(text: string, file = "rollout.yaml"): RolloutDocument {
  const read = parseRollout(text);
  if (!read.ok) throw new Error(read.mistakes.map((mistake) => mistakeText(mistake, file)).join("\n"));
  return parse(text) as RolloutDocument;
}
