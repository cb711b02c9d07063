import { Latencies } from "./latencies.ts";

/** What the targets of a group in a zone have been asked and have answered, since it was last told. */
export interface GroupTraffic {
  readonly targetGroupArn: string;
  readonly zone: string;
  readonly requests: number;
  /** Answers by the first digit of their status. */
  readonly answers: Readonly<Record<string, number>>;
  readonly connectionErrors: number;
  /** From the request's last byte to the answer's head, in milliseconds, with how often. */
  readonly times: { readonly values: readonly number[]; readonly counts: readonly number[] };
}

/** What a balancer has done by itself, since it was last told. */
export interface BalancerTraffic {
  readonly loadBalancerArn: string;
  /** Answers that are no target's, by status. */
  readonly ownAnswers: Readonly<Record<string, number>>;
  readonly redirects: number;
  readonly fixedResponses: number;
  readonly newConnections: number;
  /** Connections of clients that are open now. */
  readonly activeConnections: number;
  readonly bytes: number;
}

/** What the balancers of a region have done. */
export interface Traffic {
  readonly balancers: readonly BalancerTraffic[];
  readonly groups: readonly GroupTraffic[];
}

/** Counts for one group and zone: plain additions, since each request makes several. */
export class GroupCounters {
  readonly targetGroupArn: string;
  readonly zone: string;
  requests = 0;
  connectionErrors = 0;
  readonly latencies = new Latencies();
  readonly #answers = new Uint32Array(10);

  constructor(targetGroupArn: string, zone: string) {
    this.targetGroupArn = targetGroupArn;
    this.zone = zone;
  }

  /** @param ms - how long the target has taken to begin its answer */
  answered(status: number, ms: number): void {
    this.#answers[(status / 100) | 0]!++;
    this.latencies.add(ms);
  }

  /** @returns undefined if there is nothing to tell */
  take(): GroupTraffic | undefined {
    const times = this.latencies.take();
    const { targetGroupArn, zone, requests, connectionErrors } = this;
    if (requests === 0 && connectionErrors === 0 && times.values.length === 0) return undefined;
    const answers: Record<string, number> = {};
    this.#answers.forEach((count, digit) => {
      if (count > 0) answers[digit] = count;
    });
    this.requests = 0;
    this.connectionErrors = 0;
    this.#answers.fill(0);
    return { targetGroupArn, zone, requests, answers, connectionErrors, times };
  }
}

/** Counts for one balancer. */
export class BalancerCounters {
  readonly loadBalancerArn: string;
  redirects = 0;
  fixedResponses = 0;
  newConnections = 0;
  activeConnections = 0;
  bytes = 0;
  #ownAnswers: Record<string, number> = {};
  #hasOwnAnswers = false;
  #toldConnections = 0;

  constructor(loadBalancerArn: string) {
    this.loadBalancerArn = loadBalancerArn;
  }

  /** An answer that is no target's. */
  answered(status: number): void {
    this.#ownAnswers[status] = (this.#ownAnswers[status] ?? 0) + 1;
    this.#hasOwnAnswers = true;
  }

  /** @returns undefined if there is nothing to tell */
  take(): BalancerTraffic | undefined {
    const { loadBalancerArn, redirects, fixedResponses, newConnections, activeConnections, bytes } = this;
    const isSame = activeConnections === this.#toldConnections;
    if (!this.#hasOwnAnswers && newConnections === 0 && bytes === 0 && isSame) return undefined;
    this.#toldConnections = activeConnections;
    const ownAnswers = this.#ownAnswers;
    this.#ownAnswers = {};
    this.#hasOwnAnswers = false;
    this.redirects = 0;
    this.fixedResponses = 0;
    this.newConnections = 0;
    this.bytes = 0;
    return { loadBalancerArn, ownAnswers, redirects, fixedResponses, newConnections, activeConnections, bytes };
  }
}

/** The counters of a worker. */
export class Counters {
  readonly #balancers = new Map<string, BalancerCounters>();
  readonly #groups = new Map<string, GroupCounters>();

  balancer(arn: string): BalancerCounters {
    let counters = this.#balancers.get(arn);
    if (counters === undefined) this.#balancers.set(arn, (counters = new BalancerCounters(arn)));
    return counters;
  }

  group(arn: string, zone: string): GroupCounters {
    const key = `${arn} ${zone}`;
    let counters = this.#groups.get(key);
    if (counters === undefined) this.#groups.set(key, (counters = new GroupCounters(arn, zone)));
    return counters;
  }

  /** What there is to tell since the last call; undefined if that is nothing. */
  take(): Traffic | undefined {
    const balancers = Array.from(this.#balancers.values(), (counters) => counters.take() ?? []).flat();
    const groups = Array.from(this.#groups.values(), (counters) => counters.take() ?? []).flat();
    return balancers.length === 0 && groups.length === 0 ? undefined : { balancers, groups };
  }

  /** Forgets those of balancers and groups that are no more. */
  keepOnly(isThere: (arn: string) => boolean): void {
    for (const arn of this.#balancers.keys()) if (!isThere(arn)) this.#balancers.delete(arn);
    for (const [key, { targetGroupArn }] of this.#groups) if (!isThere(targetGroupArn)) this.#groups.delete(key);
  }
}
