import type { HealthState } from "../health/health-state.ts";
import type { TargetConfig } from "../data-plane.ts";
import type { GroupCounters } from "../traffic/counters.ts";
import { tokenOf } from "../balancing/cookies.ts";
import { connectPlain } from "./plain-wire.ts";
import { TargetConnection } from "./target-connection.ts";
import { connectTls } from "./tls-wire.ts";

/** A connection that was idle for longer may be about to be closed by the target: what may not be sent twice avoids it. */
const surelyOpenMs = 1_000;
/** Before the time at which the target has said it will close. */
const marginMs = 500;
const mostIdle = 256;

/** A target, its health, and the connections to it. */
export class Target {
  readonly groupArn: string;
  readonly token: string;
  readonly counters: GroupCounters;
  config: TargetConfig;
  health: HealthState;
  inFlight = 0;
  servingSince = 0;
  /** The last attempt to connect was refused: others come first until one succeeds. */
  isSuspect = false;
  readonly #protocol: "HTTP" | "HTTPS";
  /** The last one that was used is used next: the others can be closed. */
  readonly #idle: TargetConnection[] = [];
  readonly #open = new Set<TargetConnection>();

  constructor(
    groupArn: string,
    protocol: "HTTP" | "HTTPS",
    config: TargetConfig,
    health: HealthState,
    counters: GroupCounters,
  ) {
    this.counters = counters;
    this.groupArn = groupArn;
    this.#protocol = protocol;
    this.config = config;
    this.health = health;
    this.token = tokenOf(groupArn, config.key);
  }

  get state(): "initial" | "healthy" | "unhealthy" | "draining" {
    return this.config.state === "draining" ? "draining" : this.health.state;
  }

  get exited(): boolean {
    return this.health.exited;
  }

  /** A connection that is open and idle. @param surely - only one that is hardly about to be closed */
  takeIdle(surely: boolean, now: number): TargetConnection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return undefined;
      if (now < connection.usableUntil && !(surely && now - connection.idleSince > surelyOpenMs)) return connection;
      connection.destroy();
    }
  }

  connect(): TargetConnection {
    if (this.config.kind !== "address") throw new Error("a function has no address");
    const { host, port } = this.config;
    const wire = this.#protocol === "HTTPS" ? connectTls(host, port) : connectPlain(host, port);
    const connection = new TargetConnection(wire, (closed) => this.#forget(closed));
    this.#open.add(connection);
    return connection;
  }

  giveBack(connection: TargetConnection, keepAliveSeconds: number | undefined, now: number): void {
    connection.user = undefined;
    if (connection.wire.isClosed) return;
    if (this.#idle.length >= mostIdle) return connection.destroy();
    connection.isUsed = true;
    connection.idleSince = now;
    if (keepAliveSeconds !== undefined) connection.usableUntil = now + keepAliveSeconds * 1000 - marginMs;
    this.#idle.push(connection);
  }

  #forget(connection: TargetConnection): void {
    this.#open.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  closeIdle(before = Number.POSITIVE_INFINITY): void {
    for (const connection of this.#idle.slice()) if (connection.idleSince < before) connection.destroy();
  }

  /** Ends all its connections; whoever uses one is told. */
  closeAll(): void {
    this.closeIdle();
    for (const connection of this.#open) {
      connection.wire.destroy();
      connection.closed();
    }
  }
}
