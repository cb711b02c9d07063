import { Socket, connect } from "node:net";
import type { OnReadOpts, Server, SocketConstructorOpts } from "node:net";
import type { Wire, WireUser } from "./wire.ts";

/** All plain connections read into this one: whoever is called with it makes use of it at once. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

const ownPieceBytes = 256 * 1024;
/** Own pieces that nobody uses now. */
const spare: Buffer[] = [];
const mostSpare = 64;

/** Copies are written out of this one. Once it is not out at once, it is left to the connection, and another one made. */
let scratch = Buffer.allocUnsafeSlow(shared.length);

/** A connection over TCP that is read without a stream's queue and without an allocation for each piece. */
class PlainWire implements Wire {
  user: WireUser | undefined;
  isClosed = false;
  readonly writesAtOnce = true;
  readonly #socket: Socket;
  #piece: Buffer = shared;
  #error: Error | undefined;

  constructor(open: (onread: OnReadOpts) => Socket) {
    this.#socket = open({
      buffer: () => this.#piece,
      callback: (bytes: number, piece: Uint8Array) => {
        this.user?.received(piece as Buffer, 0, bytes);
        return true;
      },
    });
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.on("end", () => this.#close());
    socket.on("close", () => this.#close());
    socket.on("connect", () => this.user?.connected?.());
    // Otherwise the end of the stream is never told.
    socket.resume();
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
    return this.#socket.writableLength > 0;
  }

  write(data: string | Buffer): void {
    if (this.isClosed) return;
    if (typeof data === "string") this.#socket.write(data, "latin1");
    else this.#socket.write(data);
  }

  writeCopy(piece: Buffer, start: number, end: number): void {
    if (this.isClosed) return;
    piece.copy(scratch, 0, start, end);
    this.#socket.write(scratch.subarray(0, end - start));
    if (this.isClogged) scratch = Buffer.allocUnsafeSlow(shared.length);
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

  takeOwnPiece(): void {
    if (this.#piece === shared) this.#piece = spare.pop() ?? Buffer.allocUnsafeSlow(ownPieceBytes);
  }

  releaseOwnPiece(isUnused: boolean): void {
    if (this.#piece === shared) return;
    if (isUnused && spare.length < mostSpare) spare.push(this.#piece);
    this.#piece = shared;
  }

  isOwnPiece(piece: Buffer): boolean {
    return piece !== shared;
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

/** Opens a connection. What is written before it is there goes out when it is. */
export const connectPlain = (host: string, port: number): Wire =>
  new PlainWire((onread) => connect({ host, port, onread }));

/**
 * Calls back with each connection that the server accepts. The sockets that the server itself would make cannot be read
 * into a buffer of ours, so they are made here, of the same handles.
 */
export function acceptPlain(server: Server, accepted: (wire: Wire) => void): void {
  const { _handle: handle } = server as unknown as {
    _handle: { onconnection: (error: number, handle: object) => void };
  };
  handle.onconnection = (error, client) => {
    if (error === 0 || error === undefined) {
      accepted(new PlainWire((onread) => new Socket({ handle: client, onread } as SocketConstructorOpts)));
    }
  };
}
