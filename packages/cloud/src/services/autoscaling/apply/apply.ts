import type { Context } from "../../../kernel/context.ts";
import { tellOfRefresh } from "../events.ts";
import type { Refresh } from "../model/refresh.ts";
import type { Step } from "../plan/step.ts";
import { changeGroup, changeInstance, lookUpGroup, tables } from "../store.ts";
import { abandonLaunch, beginTermination, letGo, terminateInstance } from "./end.ts";
import { completeHook, waitForHooks } from "./hooks.ts";
import { beginLaunch, launchInstance } from "./launch.ts";
import { move, serve, standBy } from "./serve.ts";
import { deregisterTarget, lookAtTargets, registerTarget, setTarget } from "./targets.ts";

/**
 * Does one step. What has changed since the step was decided on makes it do nothing: the next decision is made of what
 * there is then.
 */
export async function apply(ctx: Context, name: string, step: Step): Promise<void> {
  const group = lookUpGroup(ctx, name);
  if (group === undefined) return;
  switch (step.do) {
    case "begin-launch":
      return ctx.transaction(() => beginLaunch(ctx, group, step));
    case "launch":
      return launchInstance(ctx, group, step.launch);
    case "begin-termination":
      return ctx.transaction(() => void beginTermination(ctx, group, step.instance, step.cause));
    case "mark-unhealthy":
      return ctx.transaction(() =>
        changeInstance(ctx, step.instance, (row) => ({ ...row, unhealthy: row.unhealthy ?? step.verdict })),
      );
    case "abandon-launch":
      return abandonLaunch(ctx, group, step.instance);
    case "move":
      return ctx.transaction(() => move(ctx, step.instance, step.to));
    case "wait-for-hooks":
      return ctx.transaction(() => waitForHooks(ctx, group, step.instance, step.hooks));
    case "time-out":
      return ctx.transaction(() =>
        step.waits.forEach(({ hook, defaultResult }) => completeHook(ctx, step.instance, hook, defaultResult)),
      );
    case "register":
      return registerTarget(ctx, step.instance, step.targetGroups);
    case "skip":
      return step.targetGroups.forEach((arn) => setTarget(ctx, step.instance, arn, (known) => known ?? "skipped"));
    case "deregister":
      return deregisterTarget(ctx, step.instance, step.targetGroups);
    case "look-at-targets":
      return lookAtTargets(ctx, step.instance, step.targetGroups);
    case "serve":
      return ctx.transaction(() => serve(ctx, step.instance));
    case "stand-by":
      return ctx.transaction(() => standBy(ctx, step.instance));
    case "terminate":
      return terminateInstance(ctx, step.instance);
    case "let-go":
      return ctx.transaction(() => letGo(ctx, step.instance));
    case "forget-changes":
      return ctx.transaction(() => changeGroup(ctx, name, (current) => ({ ...current, changes: [] })));
    case "update-refresh":
      return ctx.transaction(() => updateRefresh(ctx, step.refresh));
    default:
      return step satisfies never;
  }
}

/** Inside a transaction. */
export function updateRefresh(ctx: Context, refresh: Refresh): void {
  const rows = ctx.table(tables.refreshes);
  const group = lookUpGroup(ctx, refresh.group);
  const before = rows.get([refresh.group, refresh.order]);
  if (group === undefined || before === undefined) return;
  rows.put([refresh.group, refresh.order], refresh);
  if (before.status === refresh.status) return;
  // The configuration that it was to bring about is the group's own from now on.
  if (refresh.status === "Successful" && refresh.desired !== undefined) {
    const { desired } = refresh;
    changeGroup(ctx, group.name, (current) => ({ ...current, source: desired }));
  }
  tellOfRefresh(ctx, group, refresh);
}
