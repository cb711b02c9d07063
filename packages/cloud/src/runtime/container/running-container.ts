import { messageOf } from "@trysail/core";
import type { Log } from "@trysail/core";
import type { Ended, Running } from "../runner.ts";
import { executeIn } from "./container-exec.ts";
import { endOf } from "./container-state.ts";
import { inspect, removeContainer, statusOf, unlessDone } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { usageOf } from "./container-usage.ts";
import { followOutput } from "./output.ts";

/** Of what SIGKILL ended, the system's own too. */
const killedCode = 137;

/** A container of ours that was started. */
export interface RunningContainer extends Running {
  readonly containerId: string;
  /** Looks whether it runs, and sees to it that its output is copied if it does. */
  look(toldCode?: number): Promise<void>;
}

export interface RunningContainerParts {
  readonly engine: Engine;
  readonly log: Log;
  /** The signal that asks its program to end. */
  readonly stopSignal: string;
  /** Called when it has ended, or was let go of. */
  readonly onGone: () => void;
}

export function runningContainer(
  containerId: string,
  output: { readonly file: string; readonly startsAt: number },
  { engine, log, stopSignal, onGone }: RunningContainerParts,
): RunningContainer {
  const released = new AbortController();
  let tellEnd: (ended: Ended) => void = () => {};
  const ended = new Promise<Ended>((resolve) => (tellEnd = resolve));
  let following: Promise<void> | undefined;
  let looking: Promise<void> = Promise.resolve();
  let hasEnded = false;
  let removing: Promise<void> | undefined;

  const follow = (): Promise<void> =>
    (following ??= followOutput(engine, containerId, output, released.signal)
      .catch((error: unknown) => {
        // 404: it has been removed.
        if (!released.signal.aborted && statusOf(error) !== 404) {
          log.warn("the output of a container cannot be read", { container: containerId, error: messageOf(error) });
        }
      })
      .finally(() => (following = undefined)));

  const end = (how: Ended) => {
    if (hasEnded || released.signal.aborted) return;
    hasEnded = true;
    onGone();
    tellEnd(how);
  };

  const look = async (toldCode: number | undefined) => {
    if (hasEnded || released.signal.aborted) return;
    const seen = await inspect(engine, containerId);
    const how = seen && endOf(seen);
    if (seen !== undefined && how === undefined) {
      void follow();
      return;
    }
    // Its output is whole before its end is told. That of one which is gone ends by itself.
    await (seen === undefined ? following : follow());
    // The engine hears that memory ran out apart from the end, and may note it only after that.
    const isUnclear = how?.exit.code === killedCode && !how.outOfMemory;
    const last = isUnclear ? await inspect(engine, containerId).catch(() => undefined) : undefined;
    end((last && endOf(last)) ?? how ?? { exit: toldCode === undefined ? {} : { code: toldCode }, outOfMemory: false });
  };

  return {
    containerId,
    pid: undefined,
    ended,
    look(toldCode) {
      looking = looking
        .then(() => look(toldCode))
        // The engine has gone: it is looked at again when that is back.
        .catch((error: unknown) => log.debug("a container cannot be looked at", { error: messageOf(error) }));
      return looking;
    },
    signal(signal) {
      const container = engine.getContainer(containerId);
      void unlessDone(container.kill({ signal: signal === "SIGTERM" ? stopSignal : signal })).catch(
        (error: unknown) => {
          log.warn("a container cannot be sent a signal", { container: containerId, error: messageOf(error) });
          // Nobody can tell any more how it ends. If it is there when the engine is back, it is removed.
          if (signal === "SIGKILL") end({ exit: {}, outOfMemory: false });
        },
      );
    },
    kill: () =>
      (removing ??= removeContainer(engine, containerId)
        .catch((error: unknown) => {
          // An engine that has gone: what is there when it is back is removed.
          if (statusOf(error) !== undefined) throw error;
        })
        .finally(() => (removing = undefined))),
    execute: (command, { timeoutMs }) => executeIn(engine, containerId, command, timeoutMs),
    usage: () => usageOf(engine, containerId),
    release() {
      released.abort();
      onGone();
    },
  };
}
