import { constants, createServer } from "node:http2";
import type { Http2Server, IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { TLSSocket } from "node:tls";
import { BodyReader } from "../http/body-reader.ts";
import { HeadReader } from "../http/head-reader.ts";
import { hopByHop } from "../http/header.ts";
import { parseResponseHead, responseFraming, responseHeadBytes } from "../http/response-head.ts";
import type { ResponseHead } from "../http/response-head.ts";
import type { Wire, WireUser } from "./wire.ts";

/** As an Application Load Balancer has. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html */
const mostStreams = 128;
const cloggedBytes = 128 * 1024;

/**
 * HTTP/2 in front of the forwarding of HTTP/1.1: each stream is a connection of its own to what forwards, on which one
 * request is sent.
 *
 * @param accepted - called with each stream's wire
 */
export function http2Front(accepted: (wire: Wire, socket: TLSSocket) => void): {
  serve(socket: TLSSocket): void;
  close(): void;
} {
  const server: Http2Server = createServer({ settings: { maxConcurrentStreams: mostStreams } });
  const sessions = new Set<import("node:http2").ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    session.on("error", () => {});
    session.on("stream", (stream, headers) => {
      const socket = session.socket as TLSSocket;
      const wire = new StreamWire(stream, String(headers[":method"]), socket);
      accepted(wire, socket);
      wire.begin(headers);
    });
  });
  return {
    // What the session needs of it is a connection.
    serve: (socket) => void server.emit("connection", socket),
    close() {
      for (const session of sessions) session.close();
    },
  };
}

/** A stream of HTTP/2 as a connection of HTTP/1.1. */
class StreamWire implements Wire {
  user: WireUser | undefined;
  isClosed = false;
  readonly writesAtOnce = false;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #stream: ServerHttp2Stream;
  readonly #method: string;
  readonly #heads = new HeadReader<ResponseHead | undefined>(parseResponseHead, responseHeadBytes + 4096);
  #body: BodyReader | undefined;

  constructor(stream: ServerHttp2Stream, method: string, socket: TLSSocket) {
    this.#stream = stream;
    this.#method = method;
    this.remoteAddress = socket.remoteAddress ?? "";
    this.remotePort = socket.remotePort ?? 0;
    stream.on("error", () => {});
    stream.on("close", () => this.#close());
    stream.on("aborted", () => this.#close());
  }

  #close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const { user } = this;
    this.user = undefined;
    user?.closed(undefined);
  }

  /** Sends the request on, as HTTP/1.1 writes it. */
  begin(headers: IncomingHttpHeaders): void {
    const hasBody = !this.#stream.endAfterHeaders;
    const isChunked = hasBody && headers["content-length"] === undefined;
    this.#receive(Buffer.from(requestHead(headers, isChunked), "latin1"));
    if (!hasBody) return;
    this.#stream.on("data", (piece: Buffer) => {
      if (isChunked) this.#receive(Buffer.from(`${piece.length.toString(16)}\r\n`, "latin1"));
      this.#receive(piece);
      if (isChunked) this.#receive(Buffer.from("\r\n", "latin1"));
    });
    if (isChunked) this.#stream.on("end", () => this.#receive(Buffer.from("0\r\n\r\n", "latin1")));
  }

  #receive(piece: Buffer): void {
    this.user?.received(piece, 0, piece.length);
  }

  get isClogged(): boolean {
    return this.#stream.writableLength > cloggedBytes;
  }

  write(data: string | Buffer): void {
    if (this.isClosed) return;
    const piece = typeof data === "string" ? Buffer.from(data, "latin1") : data;
    this.#answer(piece, 0, piece.length);
  }

  #answer(piece: Buffer, start: number, end: number): void {
    if (this.#body !== undefined) {
      this.#body.take(piece, start, end);
      if (this.#body.done) this.#stream.end();
      return;
    }
    const found = this.#heads.read(piece, start, end);
    if (found === undefined) return;
    if (found === "too-large" || found.head === undefined) return this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    const { head, piece: rest, start: from, end: to } = found;
    if (head.status < 200) {
      // The client goes on without being told.
      if (head.status !== 100) this.#stream.additionalHeaders({ ":status": head.status });
      if (from < to) this.#answer(rest, from, to);
      return;
    }
    const framing = responseFraming(head, this.#method);
    this.#body = new BodyReader(framing, (a, b, of) => this.#stream.write(of.subarray(a, b)));
    this.#stream.respond(responseHeaders(head), { endStream: this.#body.done });
    if (!this.#body.done) this.#answer(rest, from, to);
  }

  writeCopy(piece: Buffer, start: number, end: number): void {
    this.write(Buffer.from(piece.subarray(start, end)));
  }

  whenDrained(listener: () => void): void {
    this.#stream.write("", "latin1", listener);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  takeOwnPiece(): void {}
  releaseOwnPiece(): void {}

  isOwnPiece(): boolean {
    return true;
  }

  /** An answer whose length was not told ends so. */
  end(): void {
    if (!this.isClosed) this.#stream.end();
  }

  destroy(): void {
    this.user = undefined;
    this.isClosed = true;
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }
}

function requestHead(headers: IncomingHttpHeaders, isChunked: boolean): string {
  let text = `${String(headers[":method"])} ${String(headers[":path"])} HTTP/1.1\r\n`;
  const authority = headers[":authority"] ?? headers.host ?? "";
  text += `host: ${authority}\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":") || name === "host" || hopByHop.has(name) || name === "transfer-encoding") continue;
    for (const one of Array.isArray(value) ? value : [value ?? ""]) text += `${name}: ${one}\r\n`;
  }
  return `${text}${isChunked ? "transfer-encoding: chunked\r\n" : ""}\r\n`;
}

function responseHeaders(head: ResponseHead): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (const { lower, value } of head.headers) {
    if (hopByHop.has(lower) || lower === "transfer-encoding") continue;
    const known = headers[lower];
    if (known === undefined) headers[lower] = value;
    else headers[lower] = [...(Array.isArray(known) ? known : [known]), value];
  }
  return { ":status": head.status, ...headers };
}
