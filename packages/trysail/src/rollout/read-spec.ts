import { TrysailError, codeOf } from "@trysail/core";
import { clusterName, mistakeText, parseRollout } from "@trysail/delivery";
import type { RolloutSpec } from "@trysail/delivery";
import { readFile } from "node:fs/promises";

/** A spec, or its mistakes, a line each. */
export type SpecFile =
  | { readonly kind: "right"; readonly spec: RolloutSpec }
  | { readonly kind: "wrong"; readonly mistakes: readonly string[] };

/** @throws TrysailError `file-not-found` (fault: user) */
export async function readSpec(file: string): Promise<SpecFile> {
  const read = parseRollout(await textOf(file));
  return read.ok
    ? { kind: "right", spec: read.spec }
    : { kind: "wrong", mistakes: read.mistakes.map((mistake) => mistakeText(mistake, file)) };
}

/** @throws TrysailError `invalid-rollout` or `file-not-found` (fault: user) */
export async function requireSpec(file: string): Promise<RolloutSpec> {
  const read = await readSpec(file);
  if (read.kind === "right") return read.spec;
  throw new TrysailError("invalid-rollout", read.mistakes.join("\n"), {
    fault: "user",
    next: "Nothing was started.",
  });
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "EISDIR") throw error;
    throw new TrysailError("file-not-found", `There is no file ${file}.`, {
      fault: "user",
      cause: error,
      next: "Give the rollout's spec, such as rollout.yaml: docs/rollouts.md describes it.",
    });
  }
}

const strategyTexts = {
  "red-black": "red/black",
  "rolling-red-black": "rolling red/black",
  highlander: "highlander",
  none: "new groups beside the old ones",
} as const;

/** What a spec is about, in one line. */
export function specSummary(spec: RolloutSpec): string {
  const { waves, strategy, canary, analysis, alarms, windows } = spec;
  const percents = strategy.type === "rolling-red-black" ? ` (${strategy.percentages.join(", ")} %)` : "";
  return [
    clusterName(spec.cluster),
    waves.map(({ regions }) => regions.join(" and ")).join(", then "),
    `${strategyTexts[strategy.type]}${percents}`,
    ...(canary === undefined ? [] : [`canary in ${canary.regions.join(", ")}`]),
    ...counted(analysis.length, "analysis metric"),
    ...counted(alarms.length, "alarm"),
    ...(Object.keys(windows).length === 0 ? [] : [`windows in ${Object.keys(windows).join(", ")}`]),
  ].join("; ");
}

const counted = (count: number, what: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${what}${count === 1 ? "" : "s"}`];
