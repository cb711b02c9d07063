import type { Context } from "../../kernel/context.ts";
import type { Health, Target, TargetGroup } from "./model.ts";

/** Where AWS has no event, Auto Scaling and ECS are told by this one. */
export const targetHealthChange = { source: "trysail.elasticloadbalancing", detailType: "Target Health Change" };

/** Tells that a target's health, as DescribeTargetHealth shows it, has changed. */
export function emitHealth(
  ctx: Context,
  { arn }: Pick<TargetGroup, "arn">,
  { id, port }: Pick<Target, "id" | "port">,
  { state, reason }: Health,
): void {
  ctx.emit({
    ...targetHealthChange,
    resources: [arn],
    detail: { targetGroupArn: arn, targetId: id, port, state, ...(reason !== undefined && { reason }) },
  });
}
