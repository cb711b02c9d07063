import { errorAnswer } from "../http/answers.ts";
import type { Answer } from "../http/answers.ts";
import { BodyReader } from "../http/body-reader.ts";
import { parseFields } from "../http/header.ts";
import type { Header } from "../http/header.ts";
import { lambdaAnswer, lambdaEvent } from "../lambda/lambda-event.ts";
import { AnswerExchange } from "./answer-exchange.ts";
import type { ClientConnection, Prepared } from "./client-connection.ts";
import type { Exchange } from "./exchange.ts";
import type { Group } from "./group.ts";
import type { Target } from "./target.ts";
import { traceField } from "./trace-field.ts";

/** A function's event and answer may be no larger. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html */
const mostBytes = 1024 * 1024;

/** Invokes a function. Calls back with what it has returned; undefined if it has not. */
export type InvokeFunction = (
  functionArn: string,
  payload: string,
  done: (payload: string | undefined) => void,
) => void;

/** A request that a function answers: its body is collected, and goes in the event. */
export class LambdaExchange implements Exchange {
  readonly #client: ClientConnection;
  readonly #prepared: Prepared;
  readonly #group: Group;
  readonly #target: Target;
  readonly #invoke: InvokeFunction;
  readonly #body: BodyReader;
  readonly #cookies: string;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #isOver = false;
  #askedAt = 0;

  /** @param cookies - fields that set cookies of the group that was chosen */
  constructor(
    client: ClientConnection,
    prepared: Prepared,
    group: Group,
    target: Target,
    cookies: string,
    invoke: InvokeFunction,
  ) {
    this.#cookies = cookies;
    this.#client = client;
    this.#prepared = prepared;
    this.#group = group;
    this.#target = target;
    this.#invoke = invoke;
    this.#body = new BodyReader(prepared.head.framing, (start, end, piece) => {
      this.#bytes += end - start;
      if (this.#bytes <= mostBytes) this.#pieces.push(Buffer.from(piece.subarray(start, end)));
    });
    client.begun(this);
    target.inFlight++;
    if (this.#body.done) this.#ask();
  }

  get isRequestRead(): boolean {
    return this.#body.done;
  }

  requestData(piece: Buffer, start: number, end: number): number {
    const at = this.#body.take(piece, start, end);
    if (this.#body.failed) {
      this.#leave();
      this.#client.abort();
      return end;
    }
    if (this.#bytes > mostBytes) this.#answer(413);
    else if (this.#body.done) this.#ask();
    return at;
  }

  #ask(): void {
    const { config } = this.#target;
    if (config.kind !== "lambda") throw new Error("an address is not invoked");
    const { multiValueHeaders } = this.#group.settings;
    const { head } = this.#prepared;
    const trace = traceField(this.#prepared.traceId, this.#client.ticks.traceId());
    const event = lambdaEvent({
      head,
      headers: forwardedFields(this.#prepared, trace),
      body: Buffer.concat(this.#pieces),
      targetGroupArn: this.#group.config.arn,
      multiValueHeaders,
    });
    this.#pieces = [];
    this.#askedAt = performance.now();
    this.#invoke(config.functionArn, JSON.stringify(event), (payload) => {
      if (this.#isOver) return;
      const answer =
        payload === undefined || Buffer.byteLength(payload) > mostBytes
          ? undefined
          : lambdaAnswer(payload, multiValueHeaders);
      this.#leave();
      if (answer === undefined) return this.#own(502);
      this.#target.counters.answered(answer.status, performance.now() - this.#askedAt);
      // oxlint-disable-next-line no-new -- it takes this exchange's place
      new AnswerExchange(this.#client, this.#prepared, this.#withCookies(answer), this.#body);
    });
  }

  #withCookies(answer: Answer): Answer {
    if (this.#cookies === "") return answer;
    const lines = this.#cookies.split("\r\n");
    const cookies = parseFields(lines, 0, lines.length - 1) ?? [];
    return { ...answer, headers: [...answer.headers, ...cookies.map(({ name, value }) => [name, value] as const)] };
  }

  #answer(status: number): void {
    this.#leave();
    this.#own(status);
  }

  /** The balancer's own answer in place of the function's. */
  #own(status: number): void {
    this.#client.listener.counters.answered(status);
    // oxlint-disable-next-line no-new -- it takes this exchange's place
    new AnswerExchange(this.#client, this.#prepared, errorAnswer(status), this.#body);
  }

  #leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#target.inFlight--;
    this.#group.left(this.#target);
  }

  abandon(): void {
    this.#leave();
  }

  timedOut(): void {
    this.#answer(504);
  }
}

/** The fields that a target would be sent. */
function forwardedFields({ forwarded }: Prepared, trace: string): readonly Header[] {
  const lines = `${forwarded}X-Amzn-Trace-Id: ${trace}`.split("\r\n");
  return parseFields(lines, 1, lines.length) ?? [];
}
