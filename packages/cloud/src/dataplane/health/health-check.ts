import type { HealthCheckConfig } from "../data-plane.ts";
import type { Target } from "../proxy/target.ts";
import { afterCheck, exited, untilNextCheck } from "./health-state.ts";
import type { Finding, HealthState } from "./health-state.ts";
import { probe } from "./probe.ts";

/** How a target that is a function is asked. */
export type ProbeFunction = (
  asked: { readonly functionArn: string; readonly targetGroupArn: string; readonly check: HealthCheckConfig },
  found: (finding: Finding) => void,
) => () => void;

/** Checks one target's health for as long as it is registered. */
export class HealthCheck {
  readonly #target: Target;
  readonly #changed: () => void;
  readonly #probeFunction: ProbeFunction;
  #config: HealthCheckConfig;
  #timer: NodeJS.Timeout | undefined;
  #callOff: (() => void) | undefined;

  constructor(target: Target, config: HealthCheckConfig, probeFunction: ProbeFunction, changed: () => void) {
    this.#target = target;
    this.#config = config;
    this.#probeFunction = probeFunction;
    this.#changed = changed;
    this.#begin();
  }

  update(config: HealthCheckConfig): void {
    const isOther = JSON.stringify(config) !== JSON.stringify(this.#config);
    this.#config = config;
    if (!isOther) return;
    this.stop();
    this.#begin();
  }

  /** The target's instance has ended. */
  exited(): void {
    this.stop();
    this.#enter(exited(Date.now()));
    this.#begin();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#callOff?.();
  }

  #begin(): void {
    if (this.#config.enabled) this.#ask();
    // Only functions need no checks: they are taken to be healthy.
    else this.#enter({ ...this.#target.health, state: "healthy", exited: false });
  }

  #ask(): void {
    const { config } = this.#target;
    const check = this.#config;
    const startedAt = Date.now();
    const found = (finding: Finding) => {
      const now = Date.now();
      this.#enter(afterCheck(this.#target.health, finding, check, now));
      // How long the answer took makes no difference to when the next check is due.
      const waitMs = untilNextCheck(this.#target.health, check.intervalMs, now);
      this.#timer = setTimeout(() => this.#ask(), Math.max(1, startedAt + waitMs - now));
    };
    this.#callOff =
      config.kind === "lambda"
        ? this.#probeFunction({ functionArn: config.functionArn, targetGroupArn: this.#target.groupArn, check }, found)
        : probe({ ...check, host: config.host, port: check.port ?? config.port }, found);
  }

  #enter(health: HealthState): void {
    const before = this.#target.health;
    this.#target.health = health;
    if (health.state === "healthy" && before.state !== "healthy") {
      this.#target.servingSince = health.since;
      this.#target.isSuspect = false;
    }
    const isSame =
      before.state === health.state &&
      before.reason === health.reason &&
      before.description === health.description &&
      before.exited === health.exited;
    if (!isSame) this.#changed();
  }
}
