import type { Context } from "../../../kernel/context.ts";
import { arnOf } from "../networking/making.ts";
import { tables } from "../store.ts";
import type { InstanceRow } from "./model.ts";

/**
 * Writes a row, and tells of its new state as EventBridge's event does. Only inside of a transaction.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html
 */
export function changed(ctx: Context, before: InstanceRow | undefined, row: InstanceRow): void {
  if (before === row) return;
  ctx.table(tables.instances).put(row.id, row);
  if (before?.state === row.state) return;
  ctx.emit({
    source: "aws.ec2",
    detailType: "EC2 Instance State-change Notification",
    resources: [arnOf(ctx, "instance", row.id)],
    detail: { "instance-id": row.id, state: row.state },
  });
}

/** Lets something happen to the instance as it is now; nothing if it is gone. */
export function happenTo(ctx: Context, id: string, happen: (row: InstanceRow) => InstanceRow): void {
  ctx.transaction(() => {
    const row = ctx.table(tables.instances).get(id);
    if (row !== undefined) changed(ctx, row, happen(row));
  });
}
