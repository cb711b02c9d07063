import { messageOf, systemClock } from "@trysail/core";
import type { Log } from "@trysail/core";
import { exitCodes } from "../exit-codes.ts";
import { connectRollouts } from "../rollout/connect-rollouts.ts";
import type { RolloutsOptions } from "../rollout/connect-rollouts.ts";
import { openRolloutSystem } from "../rollout/worker.ts";
import { processTerminal } from "../terminal/terminal.ts";

/** `trysail worker`: serves pipelines and goes on with rollouts, until Ctrl-C. */
export async function worker(options: RolloutsOptions): Promise<number> {
  const terminal = processTerminal();
  const tell = (text: string) => terminal.line(text);
  const { home, account, bucketName, isLocal, clientConfigIn } = await connectRollouts(options, "make", tell);
  const log: Log = {
    debug() {},
    info: tell,
    warn: (text) => terminal.note(text),
    error: (text) => terminal.note(text),
  };
  const clock = systemClock();
  const system = await openRolloutSystem({ home, account, bucketName, isLocal, configIn: clientConfigIn, clock, log });
  const running = system.startWorker();
  terminal.line(
    `Serving rollouts of account ${account} in ${home}, kept in ${bucketName}. Ctrl-C stops it; others go on.`,
  );
  await new Promise<void>((resolve) => {
    // Its timers do not keep the process alive.
    const alive = setInterval(() => {}, 60_000);
    const stop = () => {
      clearInterval(alive);
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
  });
  terminal.note("Stopping after what it is at.");
  await running.stop().catch((error: unknown) => terminal.note(messageOf(error)));
  system.close();
  return exitCodes.ok;
}
