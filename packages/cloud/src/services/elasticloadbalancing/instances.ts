import type { Context } from "../../kernel/context.ts";
import type { Subscription } from "../../kernel/service.ts";
import { putTarget } from "./registration.ts";
import { tables } from "./store.ts";
import type { Target } from "./model.ts";

/** What an instance's state makes of a target; undefined while it runs or is about to. */
function endedState(state: unknown): NonNullable<Target["ended"]>["state"] | undefined {
  switch (state) {
    case "stopping":
    case "stopped":
      return "stopped";
    case "shutting-down":
    case "terminated":
      return "terminated";
    default:
      return undefined;
  }
}

interface InstanceDetail {
  readonly "instance-id"?: string;
  readonly state?: string;
}

function isTarget(ctx: Context, id: string): boolean {
  for (const _ of ctx.table(tables.targetsById).keys({ prefix: [id] })) return true;
  return false;
}

/**
 * An instance that stops takes its targets out of use; one that runs again brings them back.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html
 */
export const instances: Subscription = {
  name: "elasticloadbalancing-instances",
  matches({ source, detailType, detail }, ctx) {
    if (source !== "aws.ec2" || detailType !== "EC2 Instance State-change Notification") return false;
    const { "instance-id": id } = detail as InstanceDetail;
    return id !== undefined && isTarget(ctx, id);
  },
  async handle(ctx, { detail, time }) {
    const { "instance-id": id = "", state } = detail as InstanceDetail;
    const ended = endedState(state);
    if (ended === undefined && state !== "running") return;
    ctx.transaction(() => {
      const keys = [...ctx.table(tables.targetsById).keys({ prefix: [id] })];
      for (const [, group, port] of keys) {
        const target = ctx.table(tables.targets).get([group, id, port]);
        if (target === undefined || target.ended?.state === ended) continue;
        const { ended: _, ...rest } = target;
        putTarget(ctx, ended === undefined ? rest : { ...rest, ended: { state: ended, at: time } });
      }
    });
  },
};
