import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import type {
  ActionConfig,
  HealthCheckConfig,
  ListenerConfig,
  PlaneConfig,
  RuleConfig,
  TargetConfig,
  TargetGroupConfig,
} from "./data-plane.ts";
import type { InvokeFunction } from "./proxy/lambda-exchange.ts";
import { Plane } from "./worker/plane.ts";

/** Real targets, clients and balancers on loopback addresses, for the data plane's tests. */

export const quickChecks: HealthCheckConfig = {
  enabled: true,
  protocol: "HTTP",
  path: "/health",
  intervalMs: 50,
  timeoutMs: 2_000,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  matcher: "200",
};

export const groupConfig = (
  targets: readonly TargetConfig[],
  more: Partial<TargetGroupConfig> = {},
): TargetGroupConfig => ({
  arn: "group",
  protocol: "HTTP",
  targets,
  healthCheck: quickChecks,
  attributes: {},
  ...more,
});

export const rule = (action: ActionConfig, conditions: RuleConfig["conditions"] = []): RuleConfig => ({
  arn: "rule",
  conditions,
  action,
});

export const forwardTo = (...arns: string[]): ActionConfig => ({
  type: "forward",
  targetGroups: (arns.length === 0 ? ["group"] : arns).map((arn) => ({ arn, weight: 1 })),
});

export const listenerConfig = (port: number, more: Partial<ListenerConfig> = {}): ListenerConfig => ({
  arn: "listener",
  loadBalancerArn: "balancer",
  host: "127.0.0.1",
  port,
  rules: [rule(forwardTo())],
  attributes: {},
  ...more,
});

export const addressTarget = (port: number, state: "used" | "draining" = "used"): TargetConfig => ({
  key: `127.0.0.1:${port}`,
  zone: "us-east-1a",
  kind: "address",
  host: "127.0.0.1",
  port,
  state,
});

export const planeConfig = (listener: ListenerConfig, ...groups: TargetGroupConfig[]): PlaneConfig => ({
  listeners: [listener],
  targetGroups: Object.fromEntries(groups.map((group) => [group.arn, group])),
});

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

export async function listen(server: Server | import("node:net").Server, port = 0): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Everything that a test opens, ended together. */
export class Stage {
  readonly #undo: (() => unknown)[] = [];

  defer(step: () => unknown): void {
    this.#undo.unshift(step);
  }

  async clear(): Promise<void> {
    for (const step of this.#undo.splice(0)) await step();
  }

  /** A target that is healthy, and answers otherwise as it is told. */
  async target(answer: RequestListener): Promise<{ readonly port: number; readonly server: Server }> {
    const server = createServer((request, response) => {
      if (request.url === "/health") response.end("ok");
      else answer(request, response);
    });
    const port = await listen(server);
    this.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    return { port, server };
  }

  /** A connection whose other end is read as it comes. */
  async connection(port: number): Promise<{ write(text: string): void; until(part: string): Promise<string> }> {
    const socket = connect(port, "127.0.0.1");
    this.defer(() => socket.destroy());
    await once(socket, "connect");
    let text = "";
    let check = () => {};
    socket.on("data", (piece: Buffer) => {
      text += piece.toString("latin1");
      check();
    });
    return {
      write: (sent) => void socket.write(sent, "latin1"),
      /** What has come since it was asked last, when it has that part. */
      until: (part) =>
        new Promise((resolve) => {
          check = () => {
            if (!text.includes(part)) return;
            resolve(text);
            text = "";
            check = () => {};
          };
          check();
        }),
    };
  }

  plane(): PlaneUnderTest {
    const plane = new PlaneUnderTest();
    this.defer(() => plane.stop());
    return plane;
  }

  /** Sends bytes, and tells what has come back when `isEnough`, or when the connection has ended. */
  async exchange(
    port: number,
    sent: string | Buffer,
    isEnough: (text: string) => boolean = () => false,
  ): Promise<string> {
    const socket = connect(port, "127.0.0.1");
    this.defer(() => socket.destroy());
    let text = "";
    const done = new Promise<string>((resolve, reject) => {
      socket.on("data", (piece: Buffer) => {
        text += piece.toString("latin1");
        if (isEnough(text)) resolve(text);
      });
      socket.once("close", () => resolve(text));
      socket.once("error", reject);
    });
    socket.write(sent);
    const answer = await done;
    socket.destroy();
    return answer;
  }
}

/** A plane that can be waited for. */
export class PlaneUnderTest {
  /** What functions return. */
  invoke: InvokeFunction = (_functionArn, _payload, done) => done(undefined);
  readonly #waiting = new Set<() => void>();
  readonly plane = new Plane({
    healthChanged: () => {
      for (const check of this.#waiting) check();
    },
    invokeFunction: (functionArn, payload, done) => this.invoke(functionArn, payload, done),
  });

  apply(config: PlaneConfig): Promise<Record<string, string>> {
    return this.plane.apply(config);
  }

  /** Resolves when every target has that state. */
  async when(state: string, target?: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const check = () => {
        const seen = this.plane.health().filter((one) => target === undefined || one.target === target);
        if (seen.length === 0 || seen.some((one) => one.state !== state)) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Resolves at the next change. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      const once = () => {
        this.#waiting.delete(once);
        resolve();
      };
      this.#waiting.add(once);
    });
  }

  stop(): void {
    this.plane.stop();
  }
}
