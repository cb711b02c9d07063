import type { Context, DeliveredEvent } from "../../../kernel/context.ts";
import type { Controller } from "../../../kernel/service.ts";
import { nextTime, parseSchedule } from "../../../schedules/schedule.ts";
import { isEnabled } from "../model.ts";
import type { Rule } from "../model.ts";
import { tables } from "../store.ts";
import { send } from "./route.ts";

/** A rule that is triggered later than this was not there at its time. Schedules are exact to a minute. */
const lateMs = 60_000;

/** Triggers rules by their schedules. What fell due while Trysail was down is not made up for. */
export const schedules: Controller<Rule> = {
  name: "schedules",
  watches: [tables.rules],
  keyOf: ({ key }) => JSON.stringify(key),
  async reconcile(ctx, key) {
    const [bus, name] = JSON.parse(key) as [string, string];
    const rule = ctx.table(tables.rules).get([bus, name]);
    const schedule = rule?.schedule === undefined ? undefined : parseSchedule(rule.schedule);
    if (rule === undefined || schedule === undefined || !isEnabled(rule)) return undefined;
    const times = ctx.table(tables.times);
    const known = times.get([bus, name]);
    const nextAt = known !== undefined && known.schedule === rule.schedule ? known.nextAt : undefined;
    if (nextAt !== undefined && ctx.now < nextAt) return { wakeAt: nextAt };
    const bounds = { from: rule.createdAt, endsAt: undefined, timeZone: undefined };
    const next = nextTime(schedule, ctx.now, bounds);
    ctx.transaction(() => {
      if (nextAt !== undefined && ctx.now - nextAt < lateMs) send(ctx, rule, scheduledEvent(ctx, rule, nextAt));
      if (next !== undefined) times.put([bus, name], { schedule: rule.schedule ?? "", nextAt: next });
    });
    return next === undefined ? undefined : { wakeAt: next };
  },
};

function scheduledEvent(ctx: Context, rule: Rule, time: number): DeliveredEvent {
  return {
    id: ctx.ids.uuid(),
    source: "aws.events",
    detailType: "Scheduled Event",
    time,
    account: ctx.account,
    region: ctx.region,
    resources: [rule.arn],
    detail: {},
  };
}
