import { partitionOf } from "@trysail/core";
import type { Context, DeliveredEvent } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import { defaultBus } from "./model.ts";
import type { Bus, Delivery, Rule, Target } from "./model.ts";

export const tables = {
  buses: table<string, Bus>("buses"),
  rules: table<[bus: string, rule: string], Rule>("rules"),
  targets: table<[bus: string, rule: string, id: string], Target>("targets"),
  /** When a rule with a schedule is triggered next. */
  times: table<[bus: string, rule: string], { readonly schedule: string; readonly nextAt: number }>("schedule-times"),
  /** By the target, and the order in which they came. */
  deliveries: table<[bus: string, rule: string, target: string, order: number], Delivery>("deliveries"),
  /** What happened last in the region, for people to look at. */
  recent: table<number, DeliveredEvent>("recent-events"),
};

const arnOf = ({ region, account }: Context, resource: string) =>
  `arn:${partitionOf(region)}:events:${region}:${account}:${resource}`;

export const busArn = (ctx: Context, name: string) => arnOf(ctx, `event-bus/${name}`);
export const ruleArn = (ctx: Context, bus: string, name: string) =>
  arnOf(ctx, bus === defaultBus ? `rule/${name}` : `rule/${bus}/${name}`);

/** A bus's name, where its ARN may be given in its place. */
export function busName(nameOrArn: string | undefined): string {
  return nameOrArn?.replace(/^arn:[^:]+:events:[^:]*:[^:]*:event-bus\//, "") ?? defaultBus;
}

/** @throws AwsError `ResourceNotFoundException` */
export function findBus(ctx: Context, nameOrArn: string | undefined): Bus {
  const name = busName(nameOrArn);
  const found = ctx.table(tables.buses).get(name);
  if (found !== undefined) return found;
  if (name !== defaultBus) throw errors.ResourceNotFoundException(`Event bus ${name} does not exist.`);
  // It is always there.
  const arn = busArn(ctx, name);
  return { name, arn, description: undefined, policy: undefined, createdAt: 0, changedAt: 0, tags: {} };
}

/** @throws AwsError `ResourceNotFoundException` */
export function findRule(ctx: Context, bus: string | undefined, name: string): Rule {
  const own = findBus(ctx, bus).name;
  const found = ctx.table(tables.rules).get([own, name]);
  if (found === undefined) throw errors.ResourceNotFoundException(`Rule ${name} does not exist on EventBus ${own}.`);
  return found;
}

export function targetsOf(ctx: Context, { bus, name }: Pick<Rule, "bus" | "name">): Target[] {
  return [...ctx.table(tables.targets).values({ prefix: [bus, name] })];
}
