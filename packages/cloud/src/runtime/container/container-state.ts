import type { ContainerInspectInfo } from "dockerode";
import type { Ended } from "../runner.ts";

/** How a container has ended; undefined if it runs, or was never started. */
export function endOf({ State }: Pick<ContainerInspectInfo, "State">): Ended | undefined {
  if (State.Running || State.Restarting || State.Status === "created") return undefined;
  const endedAt = Date.parse(State.FinishedAt);
  return {
    // The engine tells a signal as a shell does, by 128 more than its number, and so does ECS.
    exit: { code: State.ExitCode },
    ...(endedAt > 0 ? { endedAt } : {}),
    outOfMemory: State.OOMKilled,
  };
}

/** What its image wants to be asked to end with. */
export function stopSignalOf({ Config }: Pick<ContainerInspectInfo, "Config">): string {
  return (Config as { readonly StopSignal?: string }).StopSignal ?? "SIGTERM";
}
