import { setTimeout as wait } from "node:timers/promises";
import type { Engine } from "./engine.ts";

/** Looked for again after this, doubled each time up to the longest. */
const firstRetryMs = 50;
const longestRetryMs = 2000;

export interface ContainerEvents {
  /** Called for each end of a container of the label. */
  ended(containerId: string, exitCode: number | undefined): void;
  /** Called whenever events begin to be heard: what has happened before is to be asked for. */
  hears(): Promise<void>;
}

interface Message {
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
}

/**
 * Hears of what happens to containers with a label. An engine that goes away is waited for.
 *
 * @returns when events are heard for the first time
 * @throws if the engine does not answer the first time
 */
export async function hearContainerEvents(
  engine: Engine,
  label: string,
  events: ContainerEvents,
  signal: AbortSignal,
): Promise<void> {
  const listen = async () => {
    const stream = await engine.getEvents({ filters: { type: ["container"], label: [label] }, abortSignal: signal });
    await events.hears();
    return stream;
  };
  const goOn = async (first: NodeJS.ReadableStream) => {
    let stream: NodeJS.ReadableStream | undefined = first;
    for (let retryMs = firstRetryMs; !signal.aborted; retryMs = Math.min(longestRetryMs, retryMs * 2)) {
      try {
        stream ??= await listen();
        retryMs = firstRetryMs;
        await tell(stream, events);
      } catch {
        // It has gone: the next round looks for it again.
      }
      stream = undefined;
      await wait(retryMs, undefined, { ref: false, signal }).catch(() => {});
    }
  };
  void goOn(await listen());
}

async function tell(stream: NodeJS.ReadableStream, events: ContainerEvents): Promise<void> {
  let rest = "";
  // Throws when the stream is cut short.
  for await (const chunk of stream) {
    const lines = `${rest}${chunk.toString()}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const ended = parseEnd(line);
      if (ended !== undefined) events.ended(ended.containerId, ended.exitCode);
    }
  }
}

/** Reads a line of the engine's events: the end of a container, or undefined for anything else. */
export function parseEnd(line: string): { readonly containerId: string; readonly exitCode?: number } | undefined {
  if (line.trim() === "") return undefined;
  const { Action = "", Actor } = JSON.parse(line) as Message;
  // Podman's own words are `died` and `remove`.
  if (!["die", "died", "destroy", "remove"].includes(Action) || Actor?.ID === undefined) return undefined;
  const code = Actor.Attributes?.["exitCode"] ?? Actor.Attributes?.["containerExitCode"];
  return { containerId: Actor.ID, ...(code === undefined ? {} : { exitCode: Number(code) }) };
}
