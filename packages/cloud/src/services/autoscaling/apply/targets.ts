import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { changeActivity } from "../activities.ts";
import { lookEveryMs } from "../model/instance.ts";
import type { GroupInstance, TargetState } from "../model/instance.ts";
import { changeInstance } from "../store.ts";

/** Elastic Load Balancing's reason for a target that is not in its group any more. */
export const notRegistered = "Target.NotRegistered";

export async function registerTarget(
  ctx: Context,
  instance: GroupInstance,
  targetGroups: readonly string[],
): Promise<void> {
  await Promise.all(
    targetGroups.map(async (TargetGroupArn) => {
      let state: TargetState | undefined;
      try {
        await ctx.call.elasticloadbalancing.registerTargets({ TargetGroupArn, Targets: [{ Id: instance.id }] });
        // What was told before the group knew of the target has gone by unheard.
        state = await stateIn(ctx, instance.id, TargetGroupArn);
      } catch (error) {
        // A target group that is gone, or an instance that has died meanwhile: there is nothing to try again.
        if (!isAwsError(error)) throw error;
        ctx.log.warn("an instance could not be registered", { targetGroup: TargetGroupArn, error: error.message });
      }
      setTarget(ctx, instance, TargetGroupArn, (known) => known ?? state ?? "skipped");
    }),
  );
}

export async function deregisterTarget(
  ctx: Context,
  instance: GroupInstance,
  targetGroups: readonly string[],
): Promise<void> {
  await Promise.all(
    targetGroups.map(async (TargetGroupArn) => {
      try {
        await ctx.call.elasticloadbalancing.deregisterTargets({ TargetGroupArn, Targets: [{ Id: instance.id }] });
      } catch (error) {
        if (!isAwsError(error)) throw error;
      }
    }),
  );
  ctx.transaction(() => {
    changeInstance(ctx, instance, (row) => ({ ...row, lookAt: ctx.now + lookEveryMs }));
    changeActivity(ctx, instance.activity, { status: "WaitingForELBConnectionDraining", progress: 50 });
  });
  await lookAtTargets(ctx, instance, targetGroups);
}

/** Asks how far an instance has left target groups. */
export async function lookAtTargets(
  ctx: Context,
  instance: GroupInstance,
  targetGroups: readonly string[],
): Promise<void> {
  const states = await Promise.all(targetGroups.map((arn) => stateIn(ctx, instance.id, arn)));
  ctx.transaction(() => changeInstance(ctx, instance, (row) => ({ ...row, lookAt: ctx.now + lookEveryMs })));
  targetGroups.forEach((arn, n) => setTarget(ctx, instance, arn, () => states[n]));
}

async function stateIn(ctx: Context, id: string, TargetGroupArn: string): Promise<TargetState | undefined> {
  try {
    const { TargetHealthDescriptions = [] } = await ctx.call.elasticloadbalancing.describeTargetHealth({
      TargetGroupArn,
      Targets: [{ Id: id }],
    });
    const health = TargetHealthDescriptions[0]?.TargetHealth;
    return health === undefined || health.Reason === notRegistered ? undefined : health.State;
  } catch (error) {
    // A target group that is gone has no targets.
    if (!isAwsError(error)) throw error;
    return undefined;
  }
}

/** @param next - what is to be known of the target; undefined: it is not in the group any more */
export function setTarget(
  ctx: Context,
  instance: Pick<GroupInstance, "id" | "group">,
  targetGroup: string,
  next: (known: TargetState | undefined) => TargetState | undefined,
): void {
  ctx.transaction(() =>
    changeInstance(ctx, instance, (row) => {
      const { [targetGroup]: known, ...others } = row.targets;
      const state = next(known);
      return {
        ...row,
        targets: state === undefined ? others : { ...others, [targetGroup]: state },
        hasServed: row.hasServed || state === "healthy",
      };
    }),
  );
}
