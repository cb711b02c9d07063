import { Transform, type Readable } from "node:stream";

/**
 * What changes or checks a client's body on the way to its reader.
 *
 * It takes nothing of the body before it is itself read, so that Node discards the body of a request that is refused
 * unread. Its source is the client's connection, which an error must not close: the client still has to be told, and
 * goes on with its next request. `pipeline` would close it.
 */
export abstract class BodyFilter extends Transform {
  readonly #source: Readable;
  #isBegun = false;

  /** `incomplete` makes the error that the body ends with if the client goes away. */
  constructor(source: Readable, incomplete: () => Error) {
    super();
    this.#source = source;
    // A body that nobody reads fails too when its client goes away, and must not end the process.
    this.on("error", () => undefined);
    source.once("error", (error) => this.destroy(error));
    source.once("close", () => {
      if (!source.readableEnded) this.destroy(incomplete());
    });
    // The rest of a body that is read no further is discarded.
    this.once("close", () => {
      if (this.#isBegun && !source.readableEnded) source.resume();
    });
  }

  override _read(size: number): void {
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#source.pipe(this);
    }
    super._read(size);
  }
}
