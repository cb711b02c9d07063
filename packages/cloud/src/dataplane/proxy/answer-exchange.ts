import type { Answer } from "../http/answers.ts";
import { BodyReader } from "../http/body-reader.ts";
import type { ClientConnection, Prepared } from "./client-connection.ts";
import type { Exchange } from "./exchange.ts";

/** A request that the balancer answers by itself. Its body is read and thrown away. */
export class AnswerExchange implements Exchange {
  readonly #client: ClientConnection;
  readonly #body: BodyReader;

  constructor(client: ClientConnection, { head }: Prepared, answer: Answer, body = new BodyReader(head.framing)) {
    this.#client = client;
    this.#body = body;
    client.checkAge();
    client.begun(this);
    client.answer(answer, head.method);
    this.#endIfRead();
  }

  get isRequestRead(): boolean {
    return this.#body.done;
  }

  requestData(piece: Buffer, start: number, end: number): number {
    const at = this.#body.take(piece, start, end);
    if (this.#body.failed) this.#client.abort();
    else this.#endIfRead();
    return at;
  }

  #endIfRead(): void {
    if (this.#body.done) this.#client.ended(this);
  }

  abandon(): void {}

  timedOut(): void {
    this.#client.abort();
  }
}
