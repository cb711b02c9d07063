import { TrysailError } from "@trysail/core";
import { rollbackOf } from "@trysail/delivery";
import type { ClusterName } from "@trysail/delivery";
import { beginRollout } from "../rollout/begin-rollout.ts";
import { connectRollouts } from "../rollout/connect-rollouts.ts";
import type { RolloutsOptions } from "../rollout/connect-rollouts.ts";
import { allRollouts, clusterOf } from "../rollout/find-rollout.ts";
import { requireSpec } from "../rollout/read-spec.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface RollbackOptions extends RolloutsOptions {
  readonly to?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** `trysail rollout rollback`: to a version that was rolled out before, in all regions at once. */
export async function rollback(clusterOrFile: string, options: RollbackOptions): Promise<number> {
  const isJson = options.json === true;
  const terminal = processTerminal({ isQuiet: isJson });
  const cluster = await clusterMeant(clusterOrFile);
  const rollouts = await connectRollouts(options);
  const all = (await allRollouts(rollouts.store, cluster)).map(({ value }) => value.rollout);
  const order = rollbackOf(all, options.to);
  if (typeof order === "string") throw new TrysailError("no-rollback", order, { fault: "user" });
  terminal.note(`Going back to ${order.version.id} in ${order.spec.waves[0]?.regions.join(", ") ?? ""}.`);
  return beginRollout(terminal, rollouts, { ...order, kind: "rollback", detach: options.detach === true, isJson });
}

/** A name that ends or looks like a file's is one. */
const clusterMeant = async (text: string): Promise<ClusterName> =>
  /[/\\]|\.(ya?ml|json)$/.test(text) ? (await requireSpec(text)).cluster : clusterOf(text);
