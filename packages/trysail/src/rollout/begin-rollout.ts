import { silentLog } from "@trysail/core";
import { rolloutId, startRollout } from "@trysail/delivery";
import type { Rollout, RolloutSpec, Version } from "@trysail/delivery";
import { exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Rollouts } from "./connect-rollouts.ts";
import { driveHere } from "./own-system.ts";
import { showRollout } from "./show-rollout.ts";

export interface BeginOptions {
  readonly kind: Rollout["kind"];
  readonly spec: RolloutSpec;
  readonly version: Version;
  readonly detach: boolean;
  readonly isJson: boolean;
}

/**
 * Starts a rollout, and shows it until it is over. A running Trysail's worker goes on with it; on AWS this process does too, beside the
 * workers that there are.
 *
 * @returns the exit code
 */
export async function beginRollout(terminal: Terminal, rollouts: Rollouts, options: BeginOptions): Promise<number> {
  const { kind, spec, version, detach, isJson } = options;
  const id = rolloutId(spec.cluster, Date.now());
  await startRollout(rollouts.store, { id, kind, spec, version }, Date.now());
  if (detach) {
    terminal.line(isJson ? JSON.stringify({ id, version: version.id }) : id);
    terminal.note(`See it with: trysail rollout watch ${id}${rollouts.flags}`);
    if (!rollouts.isLocal) terminal.note(`A worker goes on with it: trysail worker${rollouts.flags}`);
    return exitCodes.ok;
  }
  if (rollouts.isLocal) return shownToTheEnd(terminal, rollouts, id, isJson);
  terminal.note(
    `It goes on as long as this command runs. After Ctrl-C it stands still until there is a worker: trysail worker${rollouts.flags}`,
  );
  const stopped = new AbortController();
  const log = terminal.isLive ? silentLog : { ...silentLog, warn: (text: string) => terminal.note(text) };
  const driven = driveHere(rollouts, id, log, stopped.signal);
  try {
    const exitCode = await shownToTheEnd(terminal, rollouts, id, isJson);
    // What is over is told to its pipeline and put away after that.
    await driven;
    return exitCode;
  } finally {
    stopped.abort();
    await driven;
  }
}

async function shownToTheEnd(terminal: Terminal, rollouts: Rollouts, id: string, isJson: boolean): Promise<number> {
  const { status } = await showRollout(terminal, rollouts, id, { isJson });
  return status === "succeeded" ? exitCodes.ok : exitCodes.failure;
}
