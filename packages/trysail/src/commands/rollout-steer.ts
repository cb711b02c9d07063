import type { Command } from "@trysail/delivery";
import { exitCodes } from "../exit-codes.ts";
import { connectRollouts } from "../rollout/connect-rollouts.ts";
import type { RolloutsOptions } from "../rollout/connect-rollouts.ts";
import { findRollout } from "../rollout/find-rollout.ts";
import { showRollout } from "../rollout/show-rollout.ts";
import { leftIn, meaningOf, steer } from "../rollout/steer.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface SteerOptions extends RolloutsOptions {
  readonly reason?: string;
  readonly wait?: boolean;
  readonly json?: boolean;
}

/** `trysail rollout pause`, `resume`, `promote` and `abort` */
export async function steerRollout(
  verb: Command["kind"],
  name: string | undefined,
  options: SteerOptions,
): Promise<number> {
  const isJson = options.json === true;
  const terminal = processTerminal({ isQuiet: isJson });
  const rollouts = await connectRollouts(options);
  const { id } = (await findRollout(rollouts.store, name)).value.rollout;
  const command: Command =
    verb === "abort" ? { kind: verb, reason: options.reason ?? "aborted with trysail rollout abort" } : { kind: verb };
  const { before, after } = await steer(rollouts.store, id, command, Date.now);
  if (options.wait !== true) {
    terminal.line(
      isJson
        ? JSON.stringify({ id, status: after.status, isPaused: after.isPaused })
        : meaningOf(command, before, after, Date.now()),
    );
    terminal.note(`See it with: trysail rollout watch ${id}${rollouts.flags}`);
    return exitCodes.ok;
  }
  terminal.note(meaningOf(command, before, after, Date.now()));
  const end = await showRollout(terminal, rollouts, id, { isJson });
  if (!isJson && !terminal.isLive) for (const left of leftIn(end)) terminal.line(`left: ${left}`);
  return end.status === "undone" ? exitCodes.ok : exitCodes.failure;
}
