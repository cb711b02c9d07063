import { isDeepStrictEqual } from "node:util";
import type { Context } from "../../kernel/context.ts";
import type { Controller } from "../../kernel/service.ts";
import { lowestPort } from "../../runtime/workloads/lowest-port.ts";
import { reachablePort } from "../../runtime/workloads/ports.ts";
import { addressIdOf, instanceWorkload } from "./addresses.ts";
import type { LoadBalancer, Target, TargetGroup } from "./model.ts";
import { planeConfig } from "./plane-config.ts";
import { balancerState } from "./balancer-state.ts";
import { tables } from "./store.ts";

/** Everything of a region is told at once. */
const wholeRegion = "region";

/**
 * Makes the region's real balancers be as the tables say. What is only reported of targets is in a table that this does
 * not watch, so that a health check changes nothing here.
 */
export const dataPlane: Controller = {
  name: "data-plane",
  watches: [
    tables.loadBalancers,
    tables.listeners,
    tables.rules,
    tables.targetGroups,
    tables.targets,
    tables.retired,
  ] as Controller["watches"],
  keyOf: () => wholeRegion,
  async reconcile(ctx) {
    const listeners = [...ctx.table(tables.listeners).values()];
    const config = planeConfig({
      loadBalancers: [...ctx.table(tables.loadBalancers).values()],
      listeners,
      rules: [...ctx.table(tables.rules).values()],
      targetGroups: [...ctx.table(tables.targetGroups).values()],
      targets: [...ctx.table(tables.targets).values()],
      ...placesOf(ctx),
      certificate: (arn) => ctx.certificate(arn),
    });
    const retired = [...ctx.table(tables.retired).values()];
    const applied = await orStopped(ctx.signal, ctx.host.dataPlane.apply(ctx, config));
    if (applied === undefined) return;
    ctx.transaction(() => {
      const balancers = [...ctx.table(tables.loadBalancers).values()];
      for (const balancer of balancers) {
        const own = listeners.filter(({ loadBalancerArn }) => loadBalancerArn === balancer.arn);
        const state = balancerState(own, config, applied.failures);
        if (!isDeepStrictEqual(state, balancer.state))
          ctx.table(tables.loadBalancers).put(balancer.name, { ...balancer, state });
      }
    });
    // Only now does nothing listen on their addresses any more.
    for (const { fullName } of retired) {
      await ctx.host.workloads.remove(addressIdOf(ctx, { fullName }));
      ctx.transaction(() => ctx.table(tables.retired).delete(fullName));
    }
  },
};

/** Undefined if Trysail stops meanwhile: a worker that does not come up would hold that up. */
async function orStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  const done = new AbortController();
  const stopped = new Promise<undefined>((resolve) =>
    signal.addEventListener("abort", () => resolve(undefined), { signal: done.signal }),
  );
  return Promise.race([work, stopped]).finally(() => done.abort());
}

/** Where things of the region are on this machine. */
function placesOf(ctx: Context) {
  const { workloads } = ctx.host;
  const lowest = lowestPort();
  const reachPort = (port: number) => reachablePort(port, lowest);
  return {
    listenAt: (balancer: LoadBalancer, port: number) => workloads.reach(addressIdOf(ctx, balancer), port),
    reachPort,
    reach({ id, port }: Target, { targetType }: TargetGroup) {
      if (targetType !== "instance") return { host: id, port: isOfTrysail(id) ? reachPort(port) : port };
      try {
        return workloads.reach(instanceWorkload(ctx, id), port);
      } catch {
        // It has no address any more: EC2 is about to tell that it is gone.
        return undefined;
      }
    },
  };
}

/** Addresses that workloads have, whose ports may be elsewhere than asked for. */
function isOfTrysail(address: string): boolean {
  return address.startsWith("127.") && !address.startsWith("127.0.");
}
