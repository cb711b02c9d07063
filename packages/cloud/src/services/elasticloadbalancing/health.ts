import type { TargetHealth } from "../../dataplane/data-plane.ts";
import type { Context } from "../../kernel/context.ts";
import type { Host } from "../../kernel/host.ts";
import type { Controller } from "../../kernel/service.ts";
import { emitHealth } from "./events.ts";
import { targetKey } from "./model.ts";
import type { LoadBalancer, Target, TargetGroup, TargetStatus } from "./model.ts";
import { removeTarget } from "./registration.ts";
import { loadBalancerOf, tables, targetsOf } from "./store.ts";
import { endsAt, isOver, nextStatus, sameStatus } from "./target-health.ts";

const wholeRegion = "region";

/**
 * Follows how targets fare: takes over what the data plane reports, tells others of what has changed, and ends
 * registrations whose draining is over.
 */
export const health: Controller = {
  name: "health",
  watches: [tables.loadBalancers, tables.uses, tables.targetGroups, tables.targets] as Controller["watches"],
  keyOf: () => wholeRegion,
  listens(host, queue) {
    const offs = [host.dataPlane.onChange((scope) => queue(scope, wholeRegion)), tellExits(host)];
    return () => offs.forEach((off) => off());
  },
  async reconcile(ctx) {
    const reports = new Map(
      ctx.host.dataPlane.health(ctx).map((report) => [`${report.targetGroupArn} ${report.target}`, report]),
    );
    const balancers = new Map([...ctx.table(tables.loadBalancers).values()].map((one) => [one.arn, one]));
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const group of ctx.table(tables.targetGroups).values()) {
      const loadBalancer = balancers.get(loadBalancerOf(ctx, group.name) ?? "");
      for (const target of targetsOf(ctx, group.name)) {
        const report = reports.get(`${group.arn} ${targetKey(target)}`);
        follow(ctx, { group, loadBalancer, target, report });
        if (endsAt(target) > ctx.now) wakeAt = Math.min(wakeAt, endsAt(target));
      }
    }
    return Number.isFinite(wakeAt) ? { wakeAt } : undefined;
  },
};

/** Lets the data plane take an instance out of use when its process ends, before EC2 has even told of it. */
function tellExits({ dataPlane, workloads }: Host): () => void {
  return workloads.onChange((id) => {
    if (id.service !== "ec2" || !workloads.hasOwnAddresses) return;
    const workload = workloads.find(id);
    if (workload?.state === "ended") dataPlane.targetExited(id, workload.address);
  });
}

interface Seen {
  readonly group: TargetGroup;
  readonly loadBalancer: LoadBalancer | undefined;
  readonly target: Target;
  readonly report: TargetHealth | undefined;
}

function follow(ctx: Context, { group, loadBalancer, target, report }: Seen): void {
  if (isOver(target, loadBalancer !== undefined, report, ctx.now)) {
    ctx.transaction(() => removeTarget(ctx, group, target));
    return;
  }
  const key: [string, string, number] = [group.name, target.id, target.port];
  const before = ctx.table(tables.statuses).get(key);
  const status: TargetStatus = nextStatus(target, { group, loadBalancer }, before, report);
  if (sameStatus(before, status)) return;
  ctx.transaction(() => {
    ctx.table(tables.statuses).put(key, status);
    const { state, reason } = status.told;
    if (before?.told.state !== state || before.told.reason !== reason) emitHealth(ctx, group, target, status.told);
  });
}
