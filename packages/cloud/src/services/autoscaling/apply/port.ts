import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Group } from "../model/group.ts";

/**
 * The port that an application is expected to serve on: that of the group's first target group. Undefined if it has
 * none, or if the target group is gone.
 */
export async function portOf(ctx: Context, { targetGroups: [arn] }: Group): Promise<number | undefined> {
  if (arn === undefined) return undefined;
  try {
    const { TargetGroups: [found] = [] } = await ctx.call.elasticloadbalancing.describeTargetGroups({
      TargetGroupArns: [arn],
    });
    return found?.Port;
  } catch (error) {
    if (!isAwsError(error)) throw error;
    return undefined;
  }
}
