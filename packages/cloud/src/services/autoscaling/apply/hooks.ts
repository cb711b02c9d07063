import type { Context } from "../../../kernel/context.ts";
import { changeActivity, endActivity } from "../activities.ts";
import { tellOfActivity, tellOfHook } from "../events.ts";
import { at, terminateCause } from "../model/causes.ts";
import type { Group } from "../model/group.ts";
import { globalTimeoutSeconds } from "../model/hook.ts";
import type { Hook } from "../model/hook.ts";
import type { GroupInstance, HookWait } from "../model/instance.ts";
import { changeInstance, findGroup, tables } from "../store.ts";
import { beginTermination } from "./end.ts";

/** Lets an instance wait for all hooks of its transition at once. Inside a transaction. */
export function waitForHooks(ctx: Context, group: Group, instance: GroupInstance, hooks: readonly Hook[]): void {
  const row = ctx.table(tables.instances).get([group.name, instance.id]);
  if (row === undefined || row.lifecycle !== instance.lifecycle) return;
  const waits = hooks.map((hook): HookWait => {
    const { name, heartbeatSeconds, defaultResult } = hook;
    return {
      hook: name,
      token: ctx.ids.uuid(),
      heartbeatSeconds,
      defaultResult,
      deadline: ctx.now + heartbeatSeconds * 1000,
      lastDeadline: ctx.now + globalTimeoutSeconds(hook) * 1000,
    };
  });
  const lifecycle = row.lifecycle === "Pending" ? "Pending:Wait" : "Terminating:Wait";
  changeInstance(ctx, row, (current) => ({ ...current, lifecycle, waits }));
  changeActivity(ctx, row.activity, { status: "MidLifecycleAction", progress: 60 });
  hooks.forEach((hook, n) => {
    const wait = waits[n];
    if (wait !== undefined) tellOfHook(ctx, group, row, hook, wait);
  });
}

/**
 * A hook has its result. Of a launch, ABANDON terminates the instance; of a termination, it goes on at once without the
 * other hooks. Inside a transaction.
 */
export function completeHook(
  ctx: Context,
  instance: GroupInstance,
  hook: string,
  result: "CONTINUE" | "ABANDON",
): void {
  const row = ctx.table(tables.instances).get([instance.group, instance.id]);
  if (row === undefined || !row.waits.some((wait) => wait.hook === hook)) return;
  const waits = result === "ABANDON" ? [] : row.waits.filter((wait) => wait.hook !== hook);
  changeInstance(ctx, row, (current) => ({ ...current, waits }));
  if (result === "CONTINUE" || row.lifecycle !== "Pending:Wait") return;
  const reason = `Launching lifecycle action with token ${row.waits.find((wait) => wait.hook === hook)?.token} was abandoned: Lifecycle Action Completed with ABANDON Result`;
  tellOfActivity(ctx, endActivity(ctx, row.activity, "Cancelled", reason));
  changeInstance(ctx, row, (current) => ({ ...current, activity: undefined }));
  beginTermination(ctx, findGroup(ctx, row.group), row, at(ctx.now, terminateCause.abandoned(row.id)));
}
