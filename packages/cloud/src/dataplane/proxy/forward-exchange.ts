import { mayRetry } from "../balancing/may-retry.ts";
import { errorAnswer } from "../http/answers.ts";
import { BodyReader } from "../http/body-reader.ts";
import type { FoundHead } from "../http/head-reader.ts";
import { responseFraming } from "../http/response-head.ts";
import type { ResponseHead } from "../http/response-head.ts";
import { AnswerExchange } from "./answer-exchange.ts";
import type { ClientConnection, Prepared } from "./client-connection.ts";
import type { Exchange } from "./exchange.ts";
import { forwardedResponseHead } from "./forwarded-head.ts";
import type { Group } from "./group.ts";
import type { Target } from "./target.ts";
import type { ConnectionUser, TargetConnection } from "./target-connection.ts";
import { traceField } from "./trace-field.ts";
import { forward, holdBack } from "./wire.ts";

/** What of a body is kept, to send it again. */
const replayBytes = 64 * 1024;
const shortBytes = 16 * 1024;
/** A body of which so much is to come is read in large pieces. */
const largeBytes = 64 * 1024;
const mostAttempts = 8;

/** A request that is handed on to a target, and to another one if that one fails and it may be. */
export class ForwardExchange implements Exchange, ConnectionUser {
  readonly #client: ClientConnection;
  readonly #prepared: Prepared;
  readonly #group: Group;
  readonly #trace: string;
  /** Cookies that the group that was chosen sets. */
  readonly #groupCookies: string;
  #target: Target | undefined;
  #connection: TargetConnection | undefined;
  #tried: Target[] | undefined;
  #attempts = 0;
  #sentAt = 0;
  /** Undefined: the request has no body. */
  readonly #requestBody: BodyReader | undefined;
  #replay: string | undefined = "";
  #responseBody: BodyReader | undefined;
  #head: ResponseHead | undefined;
  #endsWithConnection = false;
  isAnswering = false;
  #isOver = false;

  constructor(client: ClientConnection, prepared: Prepared, group: Group, groupCookies: string) {
    this.#client = client;
    this.#prepared = prepared;
    this.#group = group;
    this.#groupCookies = groupCookies;
    this.#trace = `X-Amzn-Trace-Id: ${traceField(prepared.traceId, client.ticks.traceId())}\r\n\r\n`;
    if (prepared.head.framing.kind !== "none") this.#requestBody = new BodyReader(prepared.head.framing);
  }

  get isRequestRead(): boolean {
    return this.#requestBody === undefined || this.#requestBody.done;
  }

  /** Sends the request, with as much of its body as has come already. @returns where the request's part ends */
  begin(target: Target, piece: Buffer, start: number, end: number): number {
    this.#client.begun(this);
    const body = this.#requestBody;
    let at = start;
    if (body !== undefined && !body.done && start < end) {
      if (end - start > shortBytes) {
        this.#send(target);
        return this.requestData(piece, start, end);
      }
      at = body.take(piece, start, end);
      if (body.failed) {
        this.#client.abort();
        return end;
      }
      this.#replay = piece.toString("latin1", start, at);
    }
    this.#send(target);
    return at;
  }

  #send(target: Target): void {
    const { head } = this.#prepared;
    this.#attempts++;
    this.#target = target;
    target.inFlight++;
    const surely = !mayRetry({ method: head.method, sent: true, answered: false, replayable: true });
    const connection = target.takeIdle(surely, this.#client.ticks.now) ?? target.connect();
    this.#connection = connection;
    connection.user = this;
    connection.wire.write(this.#prepared.forwarded + this.#trace + (this.#replay ?? ""));
    this.#sentAt = performance.now();
  }

  requestData(piece: Buffer, start: number, end: number): number {
    const body = this.#requestBody;
    if (body === undefined) return start;
    const at = body.take(piece, start, end);
    if (body.failed) {
      this.#leaveTarget();
      this.#client.abort();
      return end;
    }
    if (this.#replay !== undefined) {
      const isKept = this.#replay.length + at - start <= replayBytes;
      this.#replay = isKept ? this.#replay + piece.toString("latin1", start, at) : undefined;
    }
    const { wire } = this.#client;
    if (this.#connection !== undefined) {
      forward(wire, this.#connection.wire, piece, start, at);
      if (body.remaining >= largeBytes && this.#connection.wire.writesAtOnce && this.#connection.isConnected) {
        wire.takeOwnPiece();
      }
      if (body.done) {
        wire.releaseOwnPiece(!this.#connection.wire.isClogged);
        this.#sentAt = performance.now();
      }
    }
    if (body.done && this.#isOver) this.#client.ended(this);
    return at;
  }

  connected(): void {
    const target = this.#target;
    if (target !== undefined) target.isSuspect = false;
  }

  answered(found: FoundHead<ResponseHead>): void {
    const { head, text, piece, start, end } = found;
    const client = this.#client;
    const { head: asked } = this.#prepared;
    client.touched();
    if (head.status < 200) return this.#interim(head, text, piece, start, end);
    this.#head = head;
    this.#target?.counters.answered(head.status, performance.now() - this.#sentAt);
    client.listener.counters.bytes += end - start;
    const framing = responseFraming(head, asked.method);
    this.#endsWithConnection = framing.kind === "close";
    const withoutChunks = framing.kind === "chunked" && asked.minor === 0;
    client.checkAge();
    if (framing.kind === "close" || withoutChunks) client.closeAfterAnswer();
    const out = this.#responseHead(head, withoutChunks);

    // Most answers come whole, in one piece: then they leave in one.
    if (framing.kind === "length" && end - start === framing.length && end - start <= shortBytes) {
      client.wire.write(out + piece.toString("latin1", start, end));
      return this.#finish(true);
    }
    if (framing.kind === "none") {
      client.wire.write(out);
      return this.#finish(start === end);
    }
    this.isAnswering = true;
    this.#responseBody = withoutChunks
      ? new BodyReader(framing, (from, to, of) => client.wire.write(Buffer.from(of.subarray(from, to))))
      : new BodyReader(framing);
    client.wire.write(out);
    client.listener.counters.bytes -= end - start;
    this.answerData(piece, start, end);
  }

  /** The head as the client gets it, with its empty line. */
  #responseHead(head: ResponseHead, withoutChunks: boolean): string {
    const client = this.#client;
    const target = this.#target as Target;
    let text = renderedHead(head, withoutChunks);
    if (!client.keepsAlive) text += "Connection: close\r\n";
    else if (this.#prepared.head.minor === 0) text += "Connection: keep-alive\r\n";
    text += this.#groupCookies;
    if (this.#group.settings.stickiness !== undefined) {
      text += this.#group.stickyFields(target, head, this.#prepared.cookies, client.ticks.now);
    }
    return `${text}\r\n`;
  }

  /** An interim answer, or the switch to another protocol. */
  #interim(head: ResponseHead, text: string, piece: Buffer, start: number, end: number): void {
    const client = this.#client;
    const { head: asked } = this.#prepared;
    const connection = this.#connection;
    if (head.status === 101 && asked.upgrade !== undefined && connection !== undefined) {
      client.wire.write(text);
      connection.tunnel = client.wire;
      client.switchTo(connection.wire);
      connection.received(piece, start, end);
      return;
    }
    // Nobody has asked to switch.
    if (head.status === 101) return this.#failed("not-http");
    // It was told to go on by the balancer.
    if (head.status !== 100 && asked.minor === 1) client.wire.write(text);
  }

  answerData(piece: Buffer, start: number, end: number): void {
    const body = this.#responseBody;
    const connection = this.#connection;
    if (body === undefined || connection === undefined) return;
    const { wire } = this.#client;
    this.#client.touched();
    this.#client.listener.counters.bytes += end - start;
    const at = body.take(piece, start, end);
    if (body.failed) {
      this.#leaveTarget();
      return this.#client.abort();
    }
    if (this.#prepared.head.minor === 0 && this.#head?.framing.kind === "chunked") holdBack(connection.wire, wire);
    else forward(connection.wire, wire, piece, start, at);
    if (body.done) {
      connection.wire.releaseOwnPiece(!wire.isClogged);
      this.#finish(at === end);
    } else if (wire.writesAtOnce && (body.remaining >= largeBytes || end - start >= largeBytes / 2)) {
      connection.wire.takeOwnPiece();
    }
  }

  /** The answer is whole. @param isClean - whether nothing came after it */
  #finish(isClean: boolean): void {
    const target = this.#target;
    const connection = this.#connection;
    const head = this.#head;
    this.#target = undefined;
    this.#connection = undefined;
    this.#isOver = true;
    if (target !== undefined && connection !== undefined && head !== undefined) {
      target.inFlight--;
      // A target that has answered before it has read everything does not know where the next request begins.
      if (isClean && head.keepsAlive && !this.#endsWithConnection && this.isRequestRead) {
        target.giveBack(connection, head.keepAliveSeconds, this.#client.ticks.now);
      } else connection.destroy();
      this.#group.left(target);
    }
    if (this.isRequestRead) this.#client.ended(this);
  }

  broken(how: "closed" | "not-http"): void {
    const connection = this.#connection;
    if (connection?.tunnel !== undefined) {
      this.#leaveTarget();
      return this.#client.wire.end();
    }
    if (this.#responseBody !== undefined) {
      this.#responseBody.end();
      if (this.#responseBody.done) return this.#finish(false);
      this.#leaveTarget();
      return this.#client.abort();
    }
    this.#failed(how);
  }

  #failed(how: "closed" | "not-http"): void {
    const target = this.#target;
    const connection = this.#connection;
    this.#leaveTarget();
    if (target === undefined || connection === undefined) return;
    const sent = connection.isConnected;
    if (!sent) {
      target.isSuspect = true;
      target.counters.connectionErrors++;
    }
    // A connection that was used before may have been closed since, by a target that is well.
    if (connection.isUsed) target.closeIdle();
    else (this.#tried ??= []).push(target);
    const { method } = this.#prepared.head;
    const again =
      this.#attempts < mostAttempts &&
      mayRetry({ method, sent, answered: how === "not-http", replayable: this.#replay !== undefined });
    const next = again ? this.#group.choose(this.#prepared.cookies, this.#tried ?? []) : undefined;
    if (next === undefined) this.#answer(502);
    else this.#send(next);
  }

  #answer(status: number): void {
    this.#client.listener.counters.answered(status);
    // oxlint-disable-next-line no-new -- it takes this exchange's place
    new AnswerExchange(this.#client, this.#prepared, errorAnswer(status), this.#requestBody);
  }

  /** Has nothing more to do with the target. */
  #leaveTarget(): void {
    const target = this.#target;
    const connection = this.#connection;
    this.#target = undefined;
    this.#connection = undefined;
    if (target === undefined || connection === undefined) return;
    target.inFlight--;
    connection.destroy();
    this.#group.left(target);
  }

  abandon(): void {
    this.#isOver = true;
    this.#leaveTarget();
  }

  timedOut(): void {
    const isTunnel = this.#connection?.tunnel !== undefined;
    this.#leaveTarget();
    if (this.isAnswering || isTunnel || this.#isOver) this.#client.abort();
    else this.#answer(504);
  }
}

/** The rendered head of the answers of one head, which many answers share. */
const rendered = new WeakMap<ResponseHead, string>();

function renderedHead(head: ResponseHead, withoutChunks: boolean): string {
  if (withoutChunks) return forwardedResponseHead(head, { withoutChunks });
  let text = rendered.get(head);
  if (text === undefined) {
    text = forwardedResponseHead(head, { withoutChunks });
    rendered.set(head, text);
  }
  return text;
}
