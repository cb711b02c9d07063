import type { Controller } from "../../kernel/service.ts";
import { hostMeasurements, trafficMeasurements } from "./measurements.ts";
import { loadBalancerOf, tables } from "./store.ts";

/** How often it is told how many targets are healthy, while there are any. */
const hostsEveryMs = 10_000;

/**
 * Measures what the balancers do: their requests as the data plane tells them, and how many targets are healthy when that
 * changes and now and then.
 */
export const traffic: Controller = {
  name: "traffic",
  watches: [tables.uses, tables.targets] as Controller["watches"],
  keyOf: () => "hosts",
  listens(host, queue) {
    const offs = [
      host.dataPlane.onTraffic((scope) => queue(scope, "requests")),
      host.dataPlane.onChange((scope) => queue(scope, "hosts")),
    ];
    return () => offs.forEach((off) => off());
  },
  async reconcile(ctx, key) {
    const health = ctx.host.dataPlane.health(ctx);
    const balancers = new Map(
      [...ctx.table(tables.loadBalancers).values()].map(({ arn, fullName }) => [arn, fullName]),
    );
    const groups = [...ctx.table(tables.targetGroups).values()].flatMap(({ arn, name }) => {
      const balancer = balancers.get(loadBalancerOf(ctx, name) ?? "");
      if (balancer === undefined) return [];
      const targets = [...ctx.table(tables.targets).values({ prefix: [name] })];
      return [{ arn, balancer, targets }];
    });
    if (key === "requests") {
      for (const told of ctx.host.dataPlane.takeTraffic(ctx))
        for (const measurement of trafficMeasurements(told, { balancers, groups, health })) ctx.measure(measurement);
      return undefined;
    }
    const hosts = hostMeasurements(groups, health);
    for (const measurement of hosts) ctx.measure(measurement);
    return hosts.length === 0 ? undefined : { wakeAt: ctx.now + hostsEveryMs };
  },
};
