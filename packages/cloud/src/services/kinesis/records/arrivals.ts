import type { Context } from "../../../kernel/context.ts";
import type { Host } from "../../../kernel/host.ts";

/** A shard that has got records, was closed, or goes with its stream. */
export interface Arrival {
  readonly account: string;
  readonly region: string;
  readonly stream: string;
  readonly shard: number;
}

type Listener = (arrival: Arrival) => void;

const listeners = new WeakMap<Host, Set<Listener>>();

/**
 * Calls `listener` each time that a shard gets records or ends, inside the transaction that does it: who follows a shard
 * need not ask again and again. It must be quick.
 *
 * @returns the way to unsubscribe
 */
export function onArrival(host: Host, listener: Listener): () => void {
  let all = listeners.get(host);
  if (all === undefined) listeners.set(host, (all = new Set()));
  all.add(listener);
  return () => void all.delete(listener);
}

export function tellArrival({ host, account, region }: Context, stream: string, shard: number): void {
  for (const listener of listeners.get(host) ?? []) listener({ account, region, stream, shard });
}
