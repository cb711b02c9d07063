import type { Context } from "../../kernel/context.ts";
import type { Controller } from "../../kernel/service.ts";
import { endPhase, enterPhase } from "./model.ts";
import type { StoredBuild } from "./model.ts";
import { changeBuild, complete, leavePhase } from "./progress.ts";
import { treeOf } from "./runner/provision.ts";
import { BuildEnded, runBuild, sweep } from "./runner/run-build.ts";
import { activeBuilds, tables } from "./store.ts";

/** Runs builds: lets those that wait have their turn, and ends those that are stopped, late or were interrupted. */
export const running: Controller<StoredBuild> = {
  name: "running",
  watches: [tables.builds],
  keyOf: ({ value }) =>
    value === undefined || (value.state === "complete" && !value.hasFolder) ? undefined : value.build.id,
  async reconcile(ctx, id) {
    const stored = ctx.table(tables.builds).get(id);
    switch (stored?.state) {
      case "queued":
        return waitOrStart(ctx, stored);
      case "running":
        return watch(ctx, stored);
      case "complete":
        // While the activity lasts, it sweeps for itself.
        if (!ctx.host.activities.running(treeOf(ctx, id))) await sweep(ctx, id);
        return undefined;
      case undefined:
        return undefined;
    }
  },
};

function waitOrStart(ctx: Context, stored: StoredBuild): { readonly wakeAt: number } | undefined {
  const { id, projectName } = stored.build;
  const limit = ctx.table(tables.projects).get(projectName)?.concurrentBuildLimit ?? Number.POSITIVE_INFINITY;
  const ahead = activeBuilds(ctx, projectName, "queued").findIndex(({ build }) => build.id === id);
  if (activeBuilds(ctx, projectName, "running").length + ahead >= limit) {
    if (ctx.now < stored.deadline) return { wakeAt: stored.deadline };
    ctx.transaction(() => {
      leavePhase(ctx, id, "TIMED_OUT", { statusCode: "BUILD_TIMED_OUT", message: "Build has timed out in the queue." });
      complete(ctx, id);
    });
    return undefined;
  }
  const deadline = ctx.now + (stored.build.timeoutInMinutes ?? 60) * 60_000;
  ctx.transaction(() => {
    leavePhase(ctx, id, "SUCCEEDED");
    changeBuild(ctx, id, (queued) => ({
      ...queued,
      state: "running",
      hasFolder: true,
      deadline,
      build: enterPhase(queued.build, "PROVISIONING", ctx.now),
    }));
  });
  const begun = ctx.table(tables.builds).get(id);
  if (begun !== undefined) ctx.host.activities.start(treeOf(ctx, id), (signal) => runBuild(ctx, begun, signal));
  return { wakeAt: deadline };
}

async function watch(ctx: Context, stored: StoredBuild): Promise<{ readonly wakeAt: number } | undefined> {
  const { id } = stored.build;
  const activity = treeOf(ctx, id);
  const { activities, processes } = ctx.host;
  if (!activities.running(activity)) {
    await processes.killTree(activity);
    ctx.transaction(() => {
      const message = "Trysail ended while the build ran. RetryBuild starts it again.";
      changeBuild(ctx, id, (now) => ({
        ...now,
        build: endPhase(now.build, "FAULT", ctx.now, { statusCode: "INTERNAL_SERVICE_ERROR", message }),
      }));
      complete(ctx, id);
    });
    return undefined;
  }
  if (stored.stopRequested) activities.abort(activity, new BuildEnded("", "Build was stopped.", "STOPPED"));
  else if (ctx.now >= stored.deadline) {
    activities.abort(
      activity,
      new BuildEnded(
        "BUILD_TIMED_OUT",
        `Build has timed out after ${stored.build.timeoutInMinutes} minutes.`,
        "TIMED_OUT",
      ),
    );
  } else return { wakeAt: stored.deadline };
  return undefined;
}
