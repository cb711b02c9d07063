import { rm } from "node:fs/promises";
import { TrysailError, messageOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Controller } from "../../../kernel/service.ts";
import type { Workload } from "../../../runtime/workloads.ts";
import { doorOf } from "../metadata/door.ts";
import { tables } from "../store.ts";
import { deleteTags } from "../tags.ts";
import { boot, openMetadata } from "./booting.ts";
import { happenTo } from "./changing.ts";
import { diskOf, instanceFolder } from "./folder.ts";
import { workloadOf } from "./model.ts";
import type { InstanceRow } from "./model.ts";
import { plan } from "./plan.ts";
import { failToLaunch, nowEnded, nowRunning, shutDownByItself } from "./transitions.ts";

/** Programs that are restarted have so long to end. */
const rebootGraceMs = 10_000;

/** Makes each instance's process be as the instance is wanted, and the instance be as its process is. */
export const instances: Controller<InstanceRow> = {
  name: "instances",
  watches: [tables.instances],
  keyOf: ({ value }) => value?.id,
  listens: (host, queue) =>
    host.workloads.onChange(({ service, account, region, name }) => {
      if (service === "ec2") queue({ account, region }, name);
    }),
  async reconcile(ctx, id) {
    const row = ctx.table(tables.instances).get(id);
    if (row === undefined) return;
    const workload = ctx.host.workloads.find(workloadOf(ctx, id));
    const step = plan(row, workload, ctx.now);
    switch (step.do) {
      case "nothing":
        return;
      case "boot":
        await tryToBoot(ctx, row, step.again);
        return;
      case "tell-running":
        happenTo(ctx, id, (now) => nowRunning(now, ctx.now));
        return;
      case "attend":
        await openMetadata(ctx, row);
        return;
      case "reboot":
        await ctx.host.workloads.stop(workloadOf(ctx, id), { graceMs: rebootGraceMs });
        await boot(ctx, row, false);
        happenTo(ctx, id, (now) => ({ ...now, rebootRequested: false }));
        return;
      case "shut-down":
        tellBalancers(ctx, row);
        happenTo(ctx, id, (now) => shutDownByItself(now, step.endedRun, ctx.now));
        return;
      case "end":
        await end(ctx, row, workload);
        return;
      case "clear":
        await clear(ctx, row);
        return { wakeAt: step.forgetAt };
      case "forget":
        await forget(ctx, row);
        return;
    }
  },
};

/** Balancers are not to wait for a health check to find out that nobody serves there any more. */
function tellBalancers(ctx: Context, { address }: InstanceRow): void {
  // Where all workloads share an address, it does not tell which one has ended.
  if (ctx.host.workloads.hasOwnAddresses)
    ctx.host.dataPlane.targetExited({ account: ctx.account, region: ctx.region }, address);
}

async function tryToBoot(ctx: Context, row: InstanceRow, again: boolean): Promise<void> {
  try {
    await boot(ctx, row, again);
  } catch (error) {
    const isTheirs = error instanceof TrysailError && error.fault === "user";
    ctx.log.warn("an instance could not be launched", { instance: row.id, error: messageOf(error) });
    const [code, message] = isTheirs
      ? (["Client.InternalError", `Client error on launch. ${messageOf(error)}`] as const)
      : (["Server.InternalError", `Internal error on launch. ${messageOf(error)}`] as const);
    happenTo(ctx, row.id, (now) => failToLaunch(now, code, message, ctx.now));
    return;
  }
  happenTo(ctx, row.id, (now) => nowRunning(now, ctx.now));
}

/** Ends whatever of the instance runs. */
async function end(ctx: Context, row: InstanceRow, workload: Workload | undefined): Promise<void> {
  const id = workloadOf(ctx, row.id);
  tellBalancers(ctx, row);
  if (workload?.state === "running") await ctx.host.workloads.stop(id, { graceMs: row.graceMs });
  await ctx.host.doors.close(doorOf(ctx, row.id));
  happenTo(ctx, row.id, (now) => nowEnded(now, workload?.startedAt, ctx.now));
}

/** What a terminated instance still has on this machine goes; its console's log is kept for as long as it is told of. */
async function clear(ctx: Context, { id }: InstanceRow): Promise<void> {
  await ctx.host.workloads.remove(workloadOf(ctx, id));
  await ctx.host.doors.close(doorOf(ctx, id));
  await rm(diskOf(instanceFolder(ctx, id)), { recursive: true, force: true });
}

async function forget(ctx: Context, row: InstanceRow): Promise<void> {
  await clear(ctx, row);
  await rm(instanceFolder(ctx, row.id), { recursive: true, force: true });
  ctx.transaction(() => {
    ctx.table(tables.instances).delete(row.id);
    ctx.table(tables.reservations).delete([row.reservationId, row.id]);
    ctx.table(tables.roleSessions).delete(row.id);
    // What the token made is no longer told of, so that repeating the request could not be answered.
    if (row.clientToken !== undefined) ctx.table(tables.clientTokens).delete(["runInstances", row.clientToken]);
    for (const owner of [row.id, row.networkInterfaceId, ...row.blockDevices.map(({ volumeId }) => volumeId)])
      deleteTags(ctx, owner);
  });
}
