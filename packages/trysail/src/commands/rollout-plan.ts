import { silentLog } from "@trysail/core";
import type { Version } from "@trysail/delivery";
import { exitCodes } from "../exit-codes.ts";
import { connectRollouts } from "../rollout/connect-rollouts.ts";
import type { RolloutsOptions } from "../rollout/connect-rollouts.ts";
import { ownSystem } from "../rollout/own-system.ts";
import { previewLines } from "../rollout/preview-lines.ts";
import { previewOf } from "../rollout/preview.ts";
import { requireSpec } from "../rollout/read-spec.ts";
import { versionSources } from "../rollout/version-sources.ts";
import { versionOf } from "../rollout/version.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface PlanOptions extends RolloutsOptions {
  readonly artifact?: string;
  readonly versionId?: string;
  readonly commit?: string;
  readonly json?: boolean;
}

/** `trysail rollout plan`: looks at all regions, and changes nothing. */
export async function plan(file: string, options: PlanOptions): Promise<number> {
  const { line, style, columns } = processTerminal({ isQuiet: options.json === true });
  const spec = await requireSpec(file);
  const rollouts = await connectRollouts(options, "ignore");
  const version = await versionMeant(options, versionSources(rollouts));
  const regions = spec.waves.flatMap((wave) => wave.regions);
  const system = await ownSystem(rollouts, silentLog);
  try {
    const looks = await Promise.all(regions.map(async (region) => [region, await system.look(spec, region)] as const));
    const now = Date.now();
    const preview = previewOf(spec, version, "rollout", Object.fromEntries(looks), now);
    if (options.json === true) line(JSON.stringify(preview));
    else for (const text of previewLines(preview, now, { style, columns })) line(text);
    const isPossible = preview.waves.every((wave) => wave.regions.every(({ kind }) => kind === "possible"));
    return isPossible ? exitCodes.ok : exitCodes.failure;
  } finally {
    system.close();
  }
}

/** A plan does not depend on what the version is made of. */
async function versionMeant(
  { artifact, versionId, commit }: PlanOptions,
  sources: Parameters<typeof versionOf>[1],
): Promise<Version> {
  if (artifact !== undefined) return versionOf({ artifact, versionId, commit }, sources);
  return { id: versionId ?? commit?.slice(0, 7) ?? "the new version", artifact: "" };
}
