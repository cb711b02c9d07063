import { beginRollout } from "../rollout/begin-rollout.ts";
import { connectRollouts } from "../rollout/connect-rollouts.ts";
import type { RolloutsOptions } from "../rollout/connect-rollouts.ts";
import { requireSpec } from "../rollout/read-spec.ts";
import { versionSources } from "../rollout/version-sources.ts";
import { versionOf } from "../rollout/version.ts";
import type { VersionOptions } from "../rollout/version.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface StartOptions extends RolloutsOptions, VersionOptions {
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** `trysail rollout start`: fails if the rollout does not succeed. */
export async function start(file: string, options: StartOptions): Promise<number> {
  const isJson = options.json === true;
  const terminal = processTerminal({ isQuiet: isJson });
  const spec = await requireSpec(file);
  const rollouts = await connectRollouts(options, "make", (text) => terminal.note(text));
  const version = await versionOf(options, versionSources(rollouts));
  return beginRollout(terminal, rollouts, { kind: "rollout", spec, version, detach: options.detach === true, isJson });
}
