/** What a connection tells whoever uses it. */
export interface WireUser {
  /**
   * Bytes have come. They are in the piece only until the call returns, unless the piece is the wire's own
   * ({@link Wire.takeOwnPiece}): what is to be kept has to be copied.
   */
  received(piece: Buffer, start: number, end: number): void;
  /** The other side has ended, orderly or not; the wire is of no more use. Not told after {@link Wire.destroy}. */
  closed(error: Error | undefined): void;
  /** The connection that was asked for is there. */
  connected?(): void;
}

/** A connection: what HTTP's parsers and the forwarding of bodies need of it. */
export interface Wire {
  user: WireUser | undefined;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly isClosed: boolean;
  /** Whether what was written still waits for the other side to read: no more should be written now. */
  readonly isClogged: boolean;
  /** Whether what was written is out, unless {@link isClogged} tells that it is not: then pieces can be written uncopied. */
  readonly writesAtOnce: boolean;
  /** Writes a part of a piece that the caller is about to overwrite. */
  writeCopy(piece: Buffer, start: number, end: number): void;
  /** @param data - a string is in Latin-1 */
  write(data: string | Buffer): void;
  /** Calls back once, when what was written has gone out or can no more. */
  whenDrained(listener: () => void): void;
  pause(): void;
  resume(): void;
  /**
   * From the next piece on, pieces come in a large buffer of the wire's own. It is overwritten by the piece that comes
   * next, so a reader that still needs it pauses the wire.
   */
  takeOwnPiece(): void;
  /** @param isUnused - whether nothing is being written out of it any more */
  releaseOwnPiece(isUnused: boolean): void;
  isOwnPiece(piece: Buffer): boolean;
  /** Ends the connection when what was written is out. */
  end(): void;
  destroy(): void;
}

/** Up to here a piece is handed on as a string, which the runtime copies once, into the system's hands. */
const shortBytes = 16 * 1024;

/** Writes a part of a piece on, and stops reading from where it came while it cannot go out. */
export function forward(from: Wire, to: Wire, piece: Buffer, start: number, end: number): void {
  if (start >= end) return;
  if (from.isOwnPiece(piece)) to.write(piece.subarray(start, end));
  else if (end - start <= shortBytes) to.write(piece.toString("latin1", start, end));
  else to.writeCopy(piece, start, end);
  holdBack(from, to);
}

/** Reads no more from a wire while another is clogged. */
export function holdBack(from: Wire, to: Wire): void {
  if (!to.isClogged) return;
  from.pause();
  to.whenDrained(() => {
    if (!from.isClosed) from.resume();
  });
}
