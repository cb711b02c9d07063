import { errorAnswer, renderAnswer } from "../http/answers.ts";
import type { Answer } from "../http/answers.ts";
import { HeadReader } from "../http/head-reader.ts";
import { parseRequestHead, requestLimits } from "../http/request-head.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { Exchange } from "./exchange.ts";
import { forwardedRequestHead } from "./forwarded-head.ts";
import type { Arrival } from "./forwarded-head.ts";
import type { Listener } from "./listener.ts";
import type { RuleConfig } from "../data-plane.ts";
import type { Ticks } from "./ticks.ts";
import { forward } from "./wire.ts";
import type { Wire, WireUser } from "./wire.ts";

/** A request's head and what follows from it alone, so that the same head on the same connection needs no more work. */
export interface Prepared {
  readonly head: RequestHead;
  /** As it is handed on, without the trace id. */
  readonly forwarded: string;
  readonly cookies: string;
  readonly traceId: string | undefined;
  readonly sourceIp: string;
  /** With more addresses in `X-Forwarded-For` than a balancer takes. */
  readonly isForwardedTooOften: boolean;
  /** Where the rules sent it, as of the listener's generation. */
  rule: RuleConfig | undefined;
  generation: number;
}

/** For so long a client may take to close its end. */
const closingMs = 5_000;

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-463-issues */
const mostForwarders = 30;

/** A client's connection to a listener: its requests, one after the other. */
export class ClientConnection implements WireUser {
  readonly wire: Wire;
  readonly listener: Listener;
  readonly arrival: Arrival;
  readonly ticks: Ticks;
  readonly #openedAt: number;
  #activeAt: number;
  #exchange: Exchange | undefined;
  #isClosing = false;
  #tunnel: Wire | undefined;
  /** What has come after the request that is being answered. */
  #waiting: Buffer | undefined;
  readonly #heads: HeadReader<Prepared | number>;

  constructor(wire: Wire, listener: Listener, arrival: Arrival, ticks: Ticks) {
    this.wire = wire;
    this.listener = listener;
    this.arrival = arrival;
    this.ticks = ticks;
    this.#openedAt = ticks.now;
    this.#activeAt = ticks.now;
    this.#heads = new HeadReader((text) => this.#prepare(text), requestLimits.headBytes);
    wire.user = this;
  }

  get isIdle(): boolean {
    return this.#exchange === undefined && this.#tunnel === undefined;
  }

  received(piece: Buffer, start: number, end: number): void {
    this.#activeAt = this.ticks.now;
    this.listener.counters.bytes += end - start;
    if (this.#tunnel !== undefined) return forward(this.wire, this.#tunnel, piece, start, end);
    let at = start;
    while (at < end && !this.wire.isClosed) {
      const exchange = this.#exchange;
      if (exchange === undefined) at = this.#readHead(piece, at, end);
      else if (exchange.isRequestRead) return this.#letWait(piece, at, end);
      else at = exchange.requestData(piece, at, end);
    }
  }

  /** @returns where the head, and what was taken with it, ends */
  #readHead(piece: Buffer, from: number, end: number): number {
    let start = from;
    // Empty lines before a request are let pass (RFC 9112, 2.2).
    if (!this.#heads.isWithin) while (start < end && (piece[start] === 0x0d || piece[start] === 0x0a)) start++;
    if (start === end || this.#isClosing) return end;
    const found = this.#heads.read(piece, start, end);
    if (found === undefined) return end;
    if (found === "too-large" || typeof found.head === "number") {
      this.#refuse(found === "too-large" ? 400 : (found.head as number));
      return end;
    }
    const { head: prepared, piece: whole, start: body, end: wholeEnd } = found;
    const { head } = prepared;
    if (head.expectsContinue) this.wire.write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!head.keepsAlive) this.#isClosing = true;
    if (prepared.generation !== this.listener.generation) {
      prepared.rule = this.listener.match(head, prepared.sourceIp);
      prepared.generation = this.listener.generation;
    }
    const taken = this.listener.begin(this, prepared, whole, body, wholeEnd);
    if (whole === piece) return taken;
    // The head had come in parts, and was put together in a buffer of its own, which ends as the piece does.
    return end - (wholeEnd - taken);
  }

  #prepare(text: string): Prepared | number {
    const head = parseRequestHead(text);
    if ("refused" in head) return head.refused;
    const cookies = head.headers.filter(({ lower }) => lower === "cookie").map(({ value }) => value);
    return {
      head,
      forwarded: forwardedRequestHead(head, this.arrival, this.listener.settings),
      cookies: cookies.join("; "),
      traceId: head.headers.find(({ lower }) => lower === "x-amzn-trace-id")?.value,
      sourceIp: this.arrival.clientAddress,
      isForwardedTooOften: forwarders(head) > mostForwarders,
      rule: undefined,
      generation: -1,
    };
  }

  /** It cannot be told where the next request begins. */
  #refuse(status: number): void {
    this.#isClosing = true;
    this.listener.counters.answered(status);
    this.answer(errorAnswer(status), "GET");
    this.wire.end();
  }

  #letWait(piece: Buffer, start: number, end: number): void {
    this.#waiting = Buffer.from(piece.subarray(start, end));
    this.wire.pause();
  }

  begun(exchange: Exchange): void {
    this.#exchange = exchange;
  }

  /** Answers by itself. */
  answer(answer: Answer, method: string): void {
    this.wire.write(renderAnswer(answer, { method, keepsAlive: this.keepsAlive, date: this.ticks.date }));
  }

  /** Whether the connection stays open after the answer; if not, the answer says so. */
  get keepsAlive(): boolean {
    return !this.#isClosing;
  }

  /** The connection is to end with the answer that begins now. */
  closeAfterAnswer(): void {
    this.#isClosing = true;
  }

  /** To be asked before an answer's head is written. */
  checkAge(): void {
    if (this.ticks.now - this.#openedAt > this.listener.settings.clientKeepAliveMs || this.listener.isClosed) {
      this.#isClosing = true;
    }
  }

  touched(): void {
    this.#activeAt = this.ticks.now;
  }

  /** The exchange is over: the next request's turn. */
  ended(exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    this.#activeAt = this.ticks.now;
    if (this.#isClosing) return this.wire.end();
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    // Not within the call that has ended the one before: a client could send any number.
    queueMicrotask(() => {
      if (this.wire.isClosed) return;
      this.received(waiting, 0, waiting.length);
      if (this.#waiting === undefined) this.wire.resume();
    });
  }

  /** From now on everything goes to and fro as it is. */
  switchTo(tunnel: Wire): void {
    this.#tunnel = tunnel;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    forward(this.wire, tunnel, waiting, 0, waiting.length);
    this.wire.resume();
  }

  /** Ends it in the middle of an answer, so that the client cannot take it for a whole one. */
  abort(): void {
    this.wire.destroy();
    this.closed();
  }

  closed(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#isClosing = true;
    exchange?.abandon();
    this.listener.forget(this);
  }

  /** Called now and then: ends what has been idle for too long. */
  sweep(now: number): void {
    const idleMs = now - this.#activeAt;
    if (this.#isClosing && this.#exchange === undefined && !this.wire.isClogged) {
      if (idleMs > closingMs) this.abort();
    } else if (idleMs > this.listener.settings.idleTimeoutMs) {
      this.#activeAt = now;
      if (this.#exchange !== undefined) this.#exchange.timedOut();
      else if (this.#heads.isWithin) this.#refuse(408);
      else this.abort();
    }
  }
}

function forwarders({ headers }: RequestHead): number {
  let count = 0;
  for (const { lower, value } of headers) if (lower === "x-forwarded-for") count += value.split(",").length;
  return count;
}
