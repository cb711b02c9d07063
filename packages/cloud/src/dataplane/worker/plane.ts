import { messageOf } from "@trysail/core";
import type { ListenerConfig, PlaneConfig, TargetConfig, TargetGroupConfig, TargetHealth } from "../data-plane.ts";
import { HealthCheck } from "../health/health-check.ts";
import type { ProbeFunction } from "../health/health-check.ts";
import { functionProbe } from "../lambda/function-probe.ts";
import { registered } from "../health/health-state.ts";
import { Group } from "../proxy/group.ts";
import type { InvokeFunction } from "../proxy/lambda-exchange.ts";
import { Listener } from "../proxy/listener.ts";
import { Target } from "../proxy/target.ts";
import { startTicks } from "../proxy/ticks.ts";
import { Counters } from "../traffic/counters.ts";
import { listenerMove } from "./listener-move.ts";

/** Connections to targets that nobody used for so long are closed. */
const idleConnectionMs = 60_000;

export interface PlaneEvents {
  /** The health of some targets, or what is in flight with one that is draining, has changed. */
  healthChanged(): void;
  readonly invokeFunction: InvokeFunction;
}

/** The balancers of one region as they run: made to be as the configuration says, as often as it changes. */
export class Plane {
  readonly #ticks = startTicks();
  readonly counters = new Counters();
  readonly #listeners = new Map<string, Listener>();
  readonly #groups = new Map<string, Group>();
  readonly #checks = new Map<Target, HealthCheck>();
  readonly #events: PlaneEvents;
  readonly #probeFunction: ProbeFunction;

  constructor(events: PlaneEvents) {
    this.#events = events;
    this.#probeFunction = functionProbe(events.invokeFunction);
    this.#ticks.every((now) => {
      for (const listener of this.#listeners.values()) listener.sweep(now);
      for (const target of this.#checks.keys()) target.closeIdle(now - idleConnectionMs);
    });
  }

  /** @returns why listeners could not be opened, by their ARN */
  async apply(config: PlaneConfig): Promise<Record<string, string>> {
    for (const [arn, group] of this.#groups) {
      if (config.targetGroups[arn] !== undefined) continue;
      for (const target of group.targets.values()) this.#removeTarget(group, target);
      this.#groups.delete(arn);
    }
    for (const group of Object.values(config.targetGroups)) this.#applyGroup(group);

    const wanted = new Map(config.listeners.map((listener) => [listener.arn, listener]));
    for (const [arn, listener] of this.#listeners) {
      const next = wanted.get(arn);
      if (next === undefined || listenerMove(listener.config, next) === "reopen") {
        listener.close();
        this.#listeners.delete(arn);
      }
    }
    const failures: Record<string, string> = {};
    await Promise.all(
      config.listeners.map(async (listener) => {
        const failure = await this.#applyListener(listener);
        if (failure !== undefined) failures[listener.arn] = failure;
      }),
    );
    const balancers = new Set(config.listeners.map(({ loadBalancerArn }) => loadBalancerArn));
    this.counters.keepOnly((arn) => balancers.has(arn) || config.targetGroups[arn] !== undefined);
    this.#events.healthChanged();
    return failures;
  }

  #applyGroup(config: TargetGroupConfig): void {
    let group = this.#groups.get(config.arn);
    if (group === undefined) {
      group = new Group(config, () => this.#events.healthChanged());
      this.#groups.set(config.arn, group);
    } else group.update(config);
    const keys = new Set(config.targets.map(({ key }) => key));
    for (const target of group.targets.values()) if (!keys.has(target.config.key)) this.#removeTarget(group, target);
    for (const target of config.targets) this.#applyTarget(group, target);
    group.refresh();
  }

  #applyTarget(group: Group, config: TargetConfig): void {
    const { arn, protocol, healthCheck } = group.config;
    const known = group.targets.get(config.key);
    if (known !== undefined && isSamePlace(known.config, config)) {
      // Registered again while it was draining: it is as new.
      if (known.config.state === "draining" && config.state === "used") known.health = registered(Date.now());
      known.config = config;
      this.#checks.get(known)?.update(healthCheck);
      return;
    }
    if (known !== undefined) this.#removeTarget(group, known);
    const counters = this.counters.group(arn, config.zone);
    const target = new Target(arn, protocol, config, registered(Date.now()), counters);
    group.targets.set(config.key, target);
    const check = new HealthCheck(target, healthCheck, this.#probeFunction, () => {
      group.refresh();
      this.#events.healthChanged();
    });
    this.#checks.set(target, check);
  }

  #removeTarget(group: Group, target: Target): void {
    group.targets.delete(target.config.key);
    this.#checks.get(target)?.stop();
    this.#checks.delete(target);
    target.closeAll();
  }

  /** @returns why it could not be opened */
  async #applyListener(config: ListenerConfig): Promise<string | undefined> {
    try {
      const known = this.#listeners.get(config.arn);
      if (known !== undefined) {
        if (listenerMove(known.config, config) === "update") known.update(config);
        return undefined;
      }
      const listener = new Listener(config, {
        ticks: this.#ticks,
        counters: this.counters.balancer(config.loadBalancerArn),
        invokeFunction: this.#events.invokeFunction,
        group: (arn) => this.#groups.get(arn),
      });
      await listener.open();
      this.#listeners.set(config.arn, listener);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  /** The instance behind an address has ended. */
  exited(host: string): void {
    for (const [target, check] of this.#checks) {
      if (target.config.kind !== "address" || target.config.host !== host) continue;
      target.closeIdle();
      check.exited();
    }
  }

  health(): TargetHealth[] {
    return [...this.#groups.values()].flatMap((group) => [...group.targets.values()].map(healthOf));
  }

  stop(): void {
    this.#ticks.stop();
    for (const listener of this.#listeners.values()) listener.destroy();
    for (const [target, check] of this.#checks) {
      check.stop();
      target.closeAll();
    }
  }
}

function healthOf(target: Target): TargetHealth {
  const { groupArn: targetGroupArn, config, inFlight, health } = target;
  const own = { targetGroupArn, target: config.key, inFlight };
  if (config.state === "draining") {
    return {
      ...own,
      state: "draining",
      reason: "Target.DeregistrationInProgress",
      description: "Target deregistration is in progress",
    };
  }
  const { state, reason, description } = health;
  return {
    ...own,
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(description === undefined ? {} : { description }),
  };
}

function isSamePlace(one: TargetConfig, other: TargetConfig): boolean {
  return one.kind === "address"
    ? other.kind === "address" && one.host === other.host && one.port === other.port
    : other.kind === "lambda" && one.functionArn === other.functionArn;
}
