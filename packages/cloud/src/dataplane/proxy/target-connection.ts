import { parseResponseHead, responseHeadBytes } from "../http/response-head.ts";
import type { ResponseHead } from "../http/response-head.ts";
import { HeadReader } from "../http/head-reader.ts";
import type { FoundHead } from "../http/head-reader.ts";
import type { Wire, WireUser } from "./wire.ts";
import { forward } from "./wire.ts";

/** What a connection to a target is used for: one request at a time. */
export interface ConnectionUser {
  /** An answer's head has come. `found` is overwritten by the next one. */
  answered(found: FoundHead<ResponseHead>): void;
  answerData(piece: Buffer, start: number, end: number): void;
  readonly isAnswering: boolean;
  connected(): void;
  /** The connection is of no more use. */
  broken(how: "closed" | "not-http"): void;
}

/** A connection to a target, kept and used again for the next request. */
export class TargetConnection implements WireUser {
  user: ConnectionUser | undefined;
  readonly wire: Wire;
  isConnected = false;
  /** Whether it has answered a request before. */
  isUsed = false;
  /** Until when an idle connection may be used. */
  usableUntil = Number.POSITIVE_INFINITY;
  idleSince = 0;
  /** Where everything goes once the protocol was switched. */
  tunnel: Wire | undefined;
  readonly #onClosed: (connection: TargetConnection) => void;
  readonly #heads = new HeadReader<ResponseHead | undefined>(parseResponseHead, responseHeadBytes);

  constructor(wire: Wire, onClosed: (connection: TargetConnection) => void) {
    this.wire = wire;
    this.#onClosed = onClosed;
    wire.user = this;
  }

  connected(): void {
    this.isConnected = true;
    this.user?.connected();
  }

  received(piece: Buffer, start: number, end: number): void {
    if (this.tunnel !== undefined) return forward(this.wire, this.tunnel, piece, start, end);
    const { user } = this;
    // Nobody has asked.
    if (user === undefined) return this.destroy();
    if (user.isAnswering) return user.answerData(piece, start, end);
    const found = this.#heads.read(piece, start, end);
    if (found === undefined) return;
    if (found === "too-large" || found.head === undefined) {
      this.destroy();
      return user.broken("not-http");
    }
    const { head, piece: rest, start: from, end: to } = found;
    user.answered(found as FoundHead<ResponseHead>);
    // An interim answer is followed by the real one.
    if (head.status < 200 && from < to && this.user !== undefined) this.received(rest, from, to);
  }

  closed(): void {
    this.#onClosed(this);
    const { user } = this;
    this.user = undefined;
    user?.broken("closed");
  }

  destroy(): void {
    this.user = undefined;
    this.wire.destroy();
    this.#onClosed(this);
  }
}
