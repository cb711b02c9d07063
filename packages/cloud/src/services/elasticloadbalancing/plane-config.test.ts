import { array, assert, boolean, constantFrom, integer, option, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import type { Listener, LoadBalancer, Rule, Target, TargetGroup } from "./model.ts";
import { planeConfig } from "./plane-config.ts";
import type { Region } from "./plane-config.ts";
import { defaultHealthCheck } from "./health-check.ts";
import { healthOf, isOver, nextStatus } from "./target-health.ts";

const balancer: LoadBalancer = {
  name: "web",
  arn: "arn:balancer",
  fullName: "app/web/1",
  dnsName: "127.9.0.1",
  scheme: "internet-facing",
  vpcId: "vpc-1",
  zones: [
    { zone: "a", subnetId: "subnet-a" },
    { zone: "b", subnetId: "subnet-b" },
  ],
  securityGroups: [],
  ipAddressType: "ipv4",
  createdAt: 0,
  state: { code: "active" },
  attributes: {},
};

const forward = (name: string) => ({
  Type: "forward" as const,
  ForwardConfig: { TargetGroups: [{ TargetGroupArn: `arn:group/${name}`, Weight: 1 }] },
});

const listener: Listener = {
  arn: "arn:listener",
  loadBalancer: "web",
  id: "1",
  loadBalancerArn: balancer.arn,
  protocol: "HTTP",
  port: 80,
  sslPolicy: undefined,
  certificates: [],
  defaultRuleArn: "arn:default",
  defaultActions: [forward("first")],
  attributes: {},
};

const group = (name: string): TargetGroup => ({
  name,
  arn: `arn:group/${name}`,
  targetType: "ip",
  protocol: "HTTP",
  port: 80,
  vpcId: "vpc-1",
  healthCheck: defaultHealthCheck("ip", "HTTP"),
  attributes: {},
});

const names = ["first", "second", "third"];

const targets = array(
  record({
    group: constantFrom(...names),
    id: integer({ min: 1, max: 9 }).map((end) => `10.0.0.${end}`),
    zone: constantFrom("a", "b", "c", "all"),
    draining: boolean(),
    ended: option(constantFrom("stopped" as const, "terminated" as const), { nil: undefined }),
  }),
  { maxLength: 12 },
).map((all) =>
  all.map(({ group: own, id, zone, draining, ended }): Target => ({
    group: own,
    id,
    port: 80,
    zone,
    registeredAt: 0,
    ...(draining && { drainsUntil: 300_000 }),
    ...(ended !== undefined && { ended: { state: ended, at: 0 } }),
  })),
);

const rules = array(record({ priority: integer({ min: 1, max: 50_000 }), group: constantFrom(...names) })).map((all) =>
  all.map(({ priority, group: own }, index): Rule => ({
    arn: `arn:rule/${index}`,
    loadBalancer: "web",
    listenerId: "1",
    id: String(index),
    listenerArn: listener.arn,
    loadBalancerArn: balancer.arn,
    priority,
    conditions: [{ Field: "path-pattern", PathPatternConfig: { Values: ["/"] } }],
    actions: [forward(own)],
  })),
);

const region = (parts: Partial<Region>): Region => ({
  loadBalancers: [balancer],
  listeners: [listener],
  rules: [],
  targetGroups: names.map(group),
  targets: [],
  listenAt: (_, port) => ({ host: "127.9.0.1", port }),
  reach: ({ id, port }) => ({ host: id, port }),
  reachPort: (port) => port,
  certificate: () => undefined,
  ...parts,
});

describe("what the data plane is told", () => {
  it("has rules by priority and the default one last, whatever order they lie in", () => {
    assert(
      property(rules, (all) => {
        const [told] = planeConfig(region({ rules: all })).listeners;
        const priorities = told?.rules.slice(0, -1).map(({ arn }) => all.find((rule) => rule.arn === arn)?.priority);
        expect(priorities).toEqual(all.map(({ priority }) => priority).toSorted((a, b) => a - b));
        expect(told?.rules.at(-1)).toMatchObject({ arn: "arn:default", conditions: [] });
      }),
    );
  });

  it("has the groups that something forwards to, and no others", () => {
    assert(
      property(rules, (all) => {
        const told = Object.keys(planeConfig(region({ rules: all })).targetGroups);
        const used = new Set([
          "arn:group/first",
          ...all.map(({ actions: [action] }) => action?.ForwardConfig?.TargetGroups?.[0]?.TargetGroupArn),
        ]);
        expect(new Set(told)).toEqual(used);
      }),
    );
  });

  it("has each target that can serve, and none whose instance has ended or whose zone is not enabled", () => {
    assert(
      property(targets, (all) => {
        const told = planeConfig(region({ targets: all })).targetGroups["arn:group/first"]?.targets ?? [];
        const fitting = all.filter(
          (target) => target.group === "first" && target.ended === undefined && target.zone !== "c",
        );
        expect(told.map(({ key, state }) => [key, state])).toEqual(
          fitting.map(({ id, drainsUntil }) => [`${id}:80`, drainsUntil === undefined ? "used" : "draining"]),
        );
      }),
    );
  });

  it("leaves out a listener whose certificate is gone, and does not serve it without", () => {
    const tls: Listener = { ...listener, protocol: "HTTPS", certificates: ["arn:gone", "arn:kept"] };
    const pair = { certificate: "c", privateKey: "k" };
    const told = (kept: boolean) =>
      planeConfig(region({ listeners: [tls], certificate: (arn) => (kept && arn === "arn:kept" ? pair : undefined) }))
        .listeners;
    expect(told(false)).toEqual([]);
    expect(told(true)).toMatchObject([{ certificates: [pair] }]);
  });
});

describe("a target's health", () => {
  const reports = record({
    state: constantFrom("initial" as const, "healthy" as const, "unhealthy" as const, "draining" as const),
    inFlight: integer({ min: 0, max: 3 }),
  }).map((report) => ({ ...report, targetGroupArn: "arn:group/first", target: "x" }));
  const own = group("first");

  it("is draining while it drains, whatever is reported, until nothing is with it or its time is over", () => {
    assert(
      property(targets, option(reports, { nil: undefined }), integer({ min: 0, max: 600_000 }), (all, report, now) => {
        for (const target of all.filter(({ drainsUntil }) => drainsUntil !== undefined)) {
          const { told, seen } = nextStatus(target, { group: own, loadBalancer: balancer }, undefined, report);
          expect([told.state, seen]).toEqual(["draining", undefined]);
          const mayEnd =
            now >= 300_000 || target.ended !== undefined || (report?.state === "draining" && report.inFlight === 0);
          expect(isOver(target, true, report, now)).toBe(mayEnd);
        }
      }),
    );
  });

  it("is found once: asking again with the same report changes nothing", () => {
    assert(
      property(targets, option(reports, { nil: undefined }), boolean(), (all, report, used) => {
        const surroundings = { group: own, loadBalancer: used ? balancer : undefined };
        for (const target of all) {
          const once = nextStatus(target, surroundings, undefined, report);
          expect(nextStatus(target, surroundings, once, report)).toEqual(once);
          expect(healthOf(target, { ...surroundings, seen: once.seen })).toEqual(once.told);
        }
      }),
    );
  });
});
