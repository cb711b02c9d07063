import { createServer, request as ask, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Clock, Millis } from "@trysail/core";
import type { Random } from "@trysail/delivery";

export interface UnsteadyProxyOptions {
  /** Whose answers are given. */
  readonly target: string;
  readonly random: Random;
  readonly clock: Clock;
  /** Share of the calls that are asked to come later. @defaultValue 0 */
  readonly throttled?: number;
  /** Shortest and longest delay of a call. @defaultValue none */
  readonly delayMs?: readonly [Millis, Millis];
  /** How old what is described may be. @defaultValue 0 */
  readonly staleMs?: Millis;
}

/**
 * One region of an endpoint, as it is on a bad day: Auto Scaling, EC2 and Elastic Load Balancing are slow, throttle, and describe
 * what was a while ago. All other services answer as they are.
 */
export interface UnsteadyProxy {
  readonly endpoint: string;
  /** Calls of these operations are denied from now on. */
  deny(...operations: readonly string[]): void;
  /** Nobody listens any more. */
  stop(): Promise<void>;
  /** The same, once a call of this operation has been answered. */
  stopAfter(operation: string): void;
}

interface Answer {
  readonly at: Millis;
  /** Of what is unsteady. */
  readonly operation?: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const unsteady = new Set(["autoscaling", "ec2", "elasticloadbalancing"]);

export async function startUnsteadyProxy(options: UnsteadyProxyOptions): Promise<UnsteadyProxy> {
  const { target, random, clock, throttled = 0, delayMs: [shortest, longest] = [0, 0], staleMs = 0 } = options;
  const denied = new Set<string>();
  let last: string | undefined;
  /** What was described lately, by what was asked. */
  const described = new Map<string, readonly Answer[]>();

  const later = (ms: Millis) =>
    new Promise<void>((resolve) => {
      clock.setTimer(clock.now() + ms, resolve);
    });

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    const body = await text(request);
    const service = serviceOf(request);
    if (!unsteady.has(service)) return passOn(target, request, body, clock);
    const operation = new URLSearchParams(body).get("Action") ?? "";
    await later(shortest + random() * (longest - shortest));
    if (denied.has(operation)) return refusal(clock.now(), service, denial(service, operation));
    if (random() < throttled) return refusal(clock.now(), service, throttling(service));
    const answer = await passOn(target, request, body, clock);
    if (!operation.startsWith("Describe")) return { ...answer, operation };
    const key = `${service} ${body}`;
    const known = [...(described.get(key) ?? []).filter(({ at }) => at >= answer.at - staleMs), answer];
    described.set(key, known);
    return known[Math.floor(random() * known.length)] ?? answer;
  }

  const server = createServer((request, response) => {
    answerTo(request).then(
      ({ status, headers, body, operation }) =>
        response.writeHead(status, headers).end(body, () => {
          if (operation !== undefined && operation === last) void stop();
        }),
      () => response.destroy(),
    );
  });
  async function stop(): Promise<void> {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deny(...operations) {
      for (const operation of operations) denied.add(operation);
    },
    stop,
    stopAfter(operation) {
      last = operation;
    },
  };
}

/** The one that a call is signed for. */
const serviceOf = ({ headers: { authorization = "" } }: IncomingMessage): string =>
  /Credential=[^/]+\/\d+\/[\w-]+\/([\w-]+)\//.exec(authorization)?.[1] ?? "";

/** Headers stay as they are: they are signed. */
function passOn(target: string, { method, url, headers }: IncomingMessage, body: string, clock: Clock) {
  return new Promise<Answer>((resolve, reject) => {
    const passed = ask(new URL(url ?? "/", target), { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          at: clock.now(),
          status: response.statusCode ?? 500,
          headers: withoutHops(response.headers),
          body: Buffer.concat(chunks),
        }),
      );
    });
    passed.on("error", reject);
    passed.end(body);
  });
}

/** Headers that are of one connection. */
const hops = new Set(["connection", "keep-alive", "transfer-encoding"]);

const withoutHops = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hops.has(name)));

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** As each says it: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const throttling = (service: string): Refusal =>
  service === "ec2"
    ? { status: 503, code: "RequestLimitExceeded", message: "Request limit exceeded." }
    : { status: 400, code: "Throttling", message: "Rate exceeded" };

const denial = (service: string, operation: string): Refusal => ({
  status: 403,
  code: service === "ec2" ? "UnauthorizedOperation" : "AccessDenied",
  message:
    `User: arn:aws:iam::000000000000:user/worker is not authorized to perform: ${service}:${operation} on resource: * ` +
    `because no identity-based policy allows the ${service}:${operation} action`,
});

/** EC2 has a format of its own. */
function refusal(at: Millis, service: string, { status, code, message }: Refusal): Answer {
  const error = `<Code>${code}</Code><Message>${message}</Message>`;
  const body =
    service === "ec2"
      ? `<Response><Errors><Error>${error}</Error></Errors><RequestID>refused</RequestID></Response>`
      : `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>refused</RequestId></ErrorResponse>`;
  return { at, status, headers: { "content-type": "text/xml" }, body: Buffer.from(body) };
}
