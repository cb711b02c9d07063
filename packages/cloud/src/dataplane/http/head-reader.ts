/** A head, and where in the piece the body begins. */
export interface FoundHead<Head> {
  head: Head;
  /** Its text, with the empty line that ends it. */
  text: string;
  piece: Buffer;
  start: number;
  end: number;
}

/** Most heads are in here. */
const firstLookBytes = 8 * 1024;
const headEnd = "\r\n\r\n";

/**
 * Reads heads out of a connection's pieces. Those that come on one connection are mostly alike: the one that is the same
 * as the one before is not parsed again.
 */
export class HeadReader<Head> {
  readonly #parse: (text: string) => Head;
  readonly #mostBytes: number;
  #text = "";
  #head: Head | undefined;
  #held: Buffer | undefined;
  // One for all heads: whoever gets it reads it at once.
  readonly #found: FoundHead<Head | undefined> = {
    head: undefined,
    text: "",
    piece: Buffer.alloc(0),
    start: 0,
    end: 0,
  };

  constructor(parse: (text: string) => Head, mostBytes: number) {
    this.#parse = parse;
    this.#mostBytes = mostBytes;
  }

  /** Whether a part of a head has come. */
  get isWithin(): boolean {
    return this.#held !== undefined;
  }

  /** @returns undefined if the head has not come whole; what has come is kept */
  read(piece: Buffer, start: number, end: number): FoundHead<Head> | "too-large" | undefined {
    if (this.#held === undefined) {
      const text = piece.toString("latin1", start, Math.min(end, start + firstLookBytes));
      if (this.#head !== undefined && text.startsWith(this.#text)) {
        return this.#tell(this.#head, piece, start + this.#text.length, end);
      }
      const at = text.indexOf(headEnd);
      if (at >= 0) return this.#parsed(text.slice(0, at + headEnd.length), piece, start, end);
    }
    const whole =
      this.#held === undefined
        ? Buffer.from(piece.subarray(start, end))
        : Buffer.concat([this.#held, piece.subarray(start, end)]);
    this.#held = undefined;
    const at = whole.toString("latin1", 0, this.#mostBytes + headEnd.length).indexOf(headEnd);
    if (at >= 0) return this.#parsed(whole.toString("latin1", 0, at + headEnd.length), whole, 0, whole.length);
    if (whole.length > this.#mostBytes) return "too-large";
    this.#held = whole;
    return undefined;
  }

  #parsed(text: string, piece: Buffer, start: number, end: number): FoundHead<Head> | "too-large" {
    if (text.length > this.#mostBytes) return "too-large";
    this.#head = this.#parse(text);
    this.#text = text;
    return this.#tell(this.#head, piece, start + text.length, end);
  }

  #tell(head: Head, piece: Buffer, start: number, end: number): FoundHead<Head> {
    const found = this.#found as FoundHead<Head>;
    found.head = head;
    found.text = this.#text;
    found.piece = piece;
    found.start = start;
    found.end = end;
    return found;
  }
}
