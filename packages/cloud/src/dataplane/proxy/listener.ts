import { pickWeighted } from "../balancing/choose-target.ts";
import { readStickyCookie, setCookieFields, tokenOf } from "../balancing/cookies.ts";
import type { ActionConfig, ListenerConfig, RuleConfig } from "../data-plane.ts";
import { errorAnswer } from "../http/answers.ts";
import type { Answer } from "../http/answers.ts";
import type { RequestHead } from "../http/request-head.ts";
import { compileRules } from "../routing/match-rule.ts";
import { redirectAnswer } from "../routing/redirect.ts";
import { AnswerExchange } from "./answer-exchange.ts";
import { ClientConnection } from "./client-connection.ts";
import type { Prepared } from "./client-connection.ts";
import { ForwardExchange } from "./forward-exchange.ts";
import type { Arrival } from "./forwarded-head.ts";
import type { Group } from "./group.ts";
import { LambdaExchange } from "./lambda-exchange.ts";
import type { InvokeFunction } from "./lambda-exchange.ts";
import { listenerSettings } from "./listener-settings.ts";
import type { ListenerSettings } from "./listener-settings.ts";
import { plainPort, tlsPort } from "./listening-port.ts";
import type { ListeningPort } from "./listening-port.ts";
import type { BalancerCounters } from "../traffic/counters.ts";
import type { Ticks } from "./ticks.ts";
import type { Wire } from "./wire.ts";

type Forward = Extract<ActionConfig, { type: "forward" }>;

const groupCookie = "AWSALBTG";
const nothingTried: readonly never[] = [];

/** What a listener shares with other ones. */
export interface ListenerEnvironment {
  readonly ticks: Ticks;
  readonly invokeFunction: InvokeFunction;
  readonly counters: BalancerCounters;
  group(arn: string): Group | undefined;
}

/** A port of a balancer: its rules, and the clients that are connected. */
export class Listener {
  config: ListenerConfig;
  settings: ListenerSettings;
  /** Counts up with each change of the rules. */
  generation = 0;
  isClosed = false;
  match: (head: RequestHead, sourceIp: string) => RuleConfig | undefined;
  /** Of its balancer. */
  readonly counters: BalancerCounters;
  readonly #environment: ListenerEnvironment;
  readonly #clients = new Set<ClientConnection>();
  readonly #port: ListeningPort;

  /** @throws if a certificate cannot be used */
  constructor(config: ListenerConfig, environment: ListenerEnvironment) {
    this.config = config;
    this.#environment = environment;
    this.counters = environment.counters;
    this.settings = listenerSettings(config.attributes);
    this.match = compileRules(config.rules);
    const accept = (wire: Wire, how: Pick<Arrival, "protocol" | "tls">) => this.#accept(wire, how);
    this.#port =
      config.certificates === undefined
        ? plainPort(accept)
        : tlsPort(config.certificates, { accept, speaksHttp2: () => this.settings.http2 });
  }

  async open(): Promise<void> {
    const { server } = this.#port;
    const { host, port } = this.config;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, backlog: 4096 }, resolve);
    });
  }

  /**
   * Takes other rules, attributes and certificates for what comes from now on.
   *
   * @throws if a certificate cannot be used
   */
  update(config: ListenerConfig): void {
    if (config.certificates !== undefined) this.#port.useCertificates?.(config.certificates);
    this.config = config;
    this.settings = listenerSettings(config.attributes);
    this.match = compileRules(config.rules);
    this.generation++;
  }

  #accept(wire: Wire, how: Pick<Arrival, "protocol" | "tls">): void {
    const arrival: Arrival = {
      ...how,
      clientAddress: wire.remoteAddress.replace(/^::ffff:/, ""),
      clientPort: wire.remotePort,
      listenerPort: this.config.port,
    };
    this.counters.newConnections++;
    this.counters.activeConnections++;
    this.#clients.add(new ClientConnection(wire, this, arrival, this.#environment.ticks));
  }

  forget(client: ClientConnection): void {
    if (this.#clients.delete(client)) this.counters.activeConnections--;
  }

  /** Does what the rule says with a request. @returns where the request's part of the piece ends */
  begin(client: ClientConnection, prepared: Prepared, piece: Buffer, start: number, end: number): number {
    const { head, rule } = prepared;
    const action = rule?.action;
    if (action === undefined) return this.#answer(client, prepared, errorAnswer(503), piece, start, end);
    switch (action.type) {
      case "fixed-response": {
        const headers = action.contentType === "" ? [] : [["Content-Type", action.contentType] as const];
        const answer = { status: action.status, headers, body: action.body };
        this.counters.fixedResponses++;
        return this.#answer(client, prepared, answer, piece, start, end);
      }
      case "redirect": {
        this.counters.redirects++;
        const at = { protocol: client.arrival.protocol, port: this.config.port };
        return this.#answer(client, prepared, redirectAnswer(action, head, at), piece, start, end);
      }
      case "forward": {
        if (prepared.isForwardedTooOften) return this.#answer(client, prepared, errorAnswer(463), piece, start, end);
        const { group, cookies } = this.#chooseGroup(action, prepared);
        const target = group?.choose(prepared.cookies, nothingTried);
        if (group === undefined || target === undefined) {
          return this.#answer(client, prepared, errorAnswer(503), piece, start, end);
        }
        target.counters.requests++;
        if (target.config.kind === "lambda") {
          const { invokeFunction } = this.#environment;
          const exchange = new LambdaExchange(client, prepared, group, target, cookies, invokeFunction);
          return exchange.isRequestRead ? start : exchange.requestData(piece, start, end);
        }
        return new ForwardExchange(client, prepared, group, cookies).begin(target, piece, start, end);
      }
    }
  }

  #answer(client: ClientConnection, prepared: Prepared, answer: Answer, piece: Buffer, start: number, end: number) {
    this.counters.answered(answer.status);
    const exchange = new AnswerExchange(client, prepared, answer);
    return exchange.isRequestRead ? start : exchange.requestData(piece, start, end);
  }

  /** The group that the client was sent to before, if the action keeps it there; else one by weight. */
  #chooseGroup(action: Forward, { cookies }: Prepared): { group: Group | undefined; cookies: string } {
    const { targetGroups, stickinessSeconds } = action;
    const [only] = targetGroups;
    if (targetGroups.length === 1 && stickinessSeconds === undefined) {
      return { group: only === undefined ? undefined : this.#environment.group(only.arn), cookies: "" };
    }
    const { now } = this.#environment.ticks;
    const token = stickinessSeconds === undefined ? undefined : readStickyCookie(cookies, groupCookie, now);
    const kept = targetGroups.find(({ arn }) => token !== undefined && tokenOf(arn) === token);
    const chosen =
      kept ??
      pickWeighted(
        targetGroups,
        targetGroups.map(({ weight }) => weight),
        Math.random(),
      );
    if (chosen === undefined) return { group: undefined, cookies: "" };
    const group = this.#environment.group(chosen.arn);
    if (stickinessSeconds === undefined) return { group, cookies: "" };
    const cookie = { token: tokenOf(chosen.arn), expiresAt: now + stickinessSeconds * 1000 };
    return { group, cookies: setCookieFields(groupCookie, cookie, now) };
  }

  sweep(now: number): void {
    for (const client of this.#clients) client.sweep(now);
  }

  /** Accepts no more. Requests that are being answered are answered to their end. */
  close(): void {
    this.isClosed = true;
    this.#port.close();
    for (const client of this.#clients) if (client.isIdle) client.abort();
  }

  /** Ends everything at once. */
  destroy(): void {
    this.close();
    for (const client of this.#clients) client.abort();
  }
}
