import { clusterName } from "@trysail/delivery";
import type { Rollout } from "@trysail/delivery";
import { TrysailError } from "@trysail/core";
import { exitCodes } from "../exit-codes.ts";
import { connectRollouts } from "../rollout/connect-rollouts.ts";
import type { RolloutsOptions } from "../rollout/connect-rollouts.ts";
import { allRollouts, clusterOf } from "../rollout/find-rollout.ts";
import { standingOf } from "../rollout/shown.ts";
import { inColumns } from "../terminal/columns.ts";
import { durationText } from "../terminal/duration.ts";
import { processTerminal } from "../terminal/terminal.ts";
import type { Style } from "../terminal/terminal.ts";

interface ListOptions extends RolloutsOptions {
  readonly cluster?: string;
  readonly json?: boolean;
}

/** `trysail rollout list`: the newest first. */
export async function list(options: ListOptions): Promise<number> {
  const { line, note, style } = processTerminal({ isQuiet: options.json === true });
  const all = await rolloutsOf(options);
  if (options.json === true) {
    line(JSON.stringify(all));
    return exitCodes.ok;
  }
  if (all.length === 0)
    note("There are no rollouts yet. Start one with: trysail rollout start rollout.yaml --artifact s3://BUCKET/KEY");
  for (const row of inColumns(all.map((rollout) => rowOf(rollout, Date.now(), style)))) line(row);
  return exitCodes.ok;
}

async function rolloutsOf(options: ListOptions): Promise<readonly Rollout[]> {
  const cluster = options.cluster === undefined ? undefined : clusterOf(options.cluster);
  try {
    const { store } = await connectRollouts(options);
    return (await allRollouts(store, cluster)).map(({ value }) => value.rollout);
  } catch (error) {
    if (error instanceof TrysailError && error.code === "no-rollouts") return [];
    throw error;
  }
}

function rowOf(rollout: Rollout, now: number, style: Style): string[] {
  const { id, kind, spec, version, createdAt, endedAt, reason } = rollout;
  return [
    style.bold(id),
    clusterName(spec.cluster),
    kind === "rollback" ? `back to ${version.id}` : version.id,
    standingOf(rollout),
    new Date(createdAt).toLocaleString("sv-SE"),
    durationText((endedAt ?? now) - createdAt),
    style.dim(reason ?? ""),
  ];
}
