import { clusterName } from "@trysail/delivery";
import { exitCodes } from "../exit-codes.ts";
import { connectRollouts } from "../rollout/connect-rollouts.ts";
import type { RolloutsOptions } from "../rollout/connect-rollouts.ts";
import { findRollout } from "../rollout/find-rollout.ts";
import { nextRollout } from "../rollout/follow-rollout.ts";
import { showRollout } from "../rollout/show-rollout.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface WatchOptions extends RolloutsOptions {
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** `trysail rollout watch`: fails if the rollout does not succeed. */
export async function watch(name: string | undefined, options: WatchOptions): Promise<number> {
  const isJson = options.json === true;
  const terminal = processTerminal({ isQuiet: isJson });
  const rollouts = await connectRollouts(options);
  let { id, spec } = (await findRollout(rollouts.store, name)).value.rollout;
  const known = new Set<string>();
  for (;;) {
    const { status } = await showRollout(terminal, rollouts, id, { isJson });
    if (options.follow !== true) return status === "succeeded" ? exitCodes.ok : exitCodes.failure;
    known.add(id);
    id = await nextRollout(rollouts.store, clusterName(spec.cluster), known);
    if (!isJson) terminal.line();
  }
}
