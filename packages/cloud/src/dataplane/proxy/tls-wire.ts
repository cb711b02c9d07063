import { connect } from "node:tls";
import type { TLSSocket } from "node:tls";
import type { Wire, WireUser } from "./wire.ts";

/** TLS always has something in the making; this much may wait. */
const cloggedBytes = 128 * 1024;

/** A connection over TLS. */
class TlsWire implements Wire {
  user: WireUser | undefined;
  isClosed = false;
  readonly writesAtOnce = false;
  readonly #socket: TLSSocket;
  #error: Error | undefined;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (piece: Buffer) => this.user?.received(piece, 0, piece.length));
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.on("end", () => this.#close());
    socket.on("close", () => this.#close());
    socket.on("secureConnect", () => this.user?.connected?.());
  }

  #close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#socket.destroy();
    const { user } = this;
    this.user = undefined;
    user?.closed(this.#error);
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? "";
  }

  get remotePort(): number {
    return this.#socket.remotePort ?? 0;
  }

  get isClogged(): boolean {
    return this.#socket.writableLength > cloggedBytes;
  }

  write(data: string | Buffer): void {
    if (this.isClosed) return;
    if (typeof data === "string") this.#socket.write(data, "latin1");
    else this.#socket.write(data);
  }

  writeCopy(piece: Buffer, start: number, end: number): void {
    this.write(Buffer.from(piece.subarray(start, end)));
  }

  whenDrained(listener: () => void): void {
    this.#socket.write("", "latin1", listener);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  // Each piece is a new one anyway.
  takeOwnPiece(): void {}
  releaseOwnPiece(): void {}

  isOwnPiece(): boolean {
    return true;
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.user = undefined;
    this.isClosed = true;
    this.#socket.destroy();
  }
}

export const tlsWire = (socket: TLSSocket): Wire => new TlsWire(socket);

/**
 * Opens a connection over TLS. As with AWS, the target's certificate is not verified.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-routing-configuration
 */
export const connectTls = (host: string, port: number): Wire =>
  tlsWire(connect({ host, port, rejectUnauthorized: false }));
