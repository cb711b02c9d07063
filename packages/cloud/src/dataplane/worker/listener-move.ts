import { isDeepStrictEqual } from "node:util";
import type { ListenerConfig } from "../data-plane.ts";

/** What a listener has to do to be as it should: one that moves, or begins or ends to speak TLS, is opened anew. */
export function listenerMove(from: ListenerConfig, to: ListenerConfig): "reopen" | "update" | "nothing" {
  const moves = from.host !== to.host || from.port !== to.port;
  const changesTls = (from.certificates === undefined) !== (to.certificates === undefined);
  if (moves || changesTls) return "reopen";
  return isDeepStrictEqual(from, to) ? "nothing" : "update";
}
