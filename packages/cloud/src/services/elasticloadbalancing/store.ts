import type { Context } from "../../kernel/context.ts";
import type { Tags } from "../../kernel/tags.ts";
import { table } from "../../store/table.ts";
import { partsOfArn } from "./arns.ts";
import { errors } from "./errors.ts";
import type { Listener, LoadBalancer, Rule, Target, TargetGroup, TargetStatus } from "./model.ts";

export const tables = {
  /** By name, as are target groups. */
  loadBalancers: table<string, LoadBalancer>("load-balancers"),
  listeners: table<[loadBalancer: string, id: string], Listener>("listeners"),
  /** All but the default ones. */
  rules: table<[loadBalancer: string, listener: string, id: string], Rule>("rules"),
  targetGroups: table<string, TargetGroup>("target-groups"),
  /** Which listeners' default actions and which rules forward to a target group: the load balancer of each. */
  uses: table<[targetGroup: string, user: string], string>("target-group-uses"),
  targets: table<[targetGroup: string, id: string, port: number], Target>("targets"),
  /** The groups that a target is in. */
  targetsById: table<[id: string, targetGroup: string, port: number], true>("targets-by-id"),
  /** Beside the targets: what the data plane is told does not change with what it reports. */
  statuses: table<[targetGroup: string, id: string, port: number], TargetStatus>("target-statuses"),
  /** By ARN, of everything that has tags. */
  tags: table<string, Tags>("tags"),
  /** Deleted load balancers whose addresses are still to be given back, by full name. */
  retired: table<string, { readonly fullName: string }>("retired-load-balancers"),
};

const missing = {
  loadBalancer: "One or more load balancers not found",
  listener: "One or more listeners not found",
  rule: "One or more rules not found",
  targetGroup: "One or more target groups not found",
};

/** @throws AwsError `LoadBalancerNotFound`, `ValidationError` */
export function findLoadBalancer(ctx: Context, arn: string): LoadBalancer {
  const [, name = ""] = partsOfArn("load balancer", arn);
  const found = ctx.table(tables.loadBalancers).get(name);
  if (found?.arn !== arn) throw errors.LoadBalancerNotFound(missing.loadBalancer);
  return found;
}

/** @throws AwsError `ListenerNotFound`, `ValidationError` */
export function findListener(ctx: Context, arn: string): Listener {
  const [, name = "", , id = ""] = partsOfArn("listener", arn);
  const found = ctx.table(tables.listeners).get([name, id]);
  if (found?.arn !== arn) throw errors.ListenerNotFound(missing.listener);
  return found;
}

/**
 * A rule, or the listener whose default rule it is.
 *
 * @throws AwsError `RuleNotFound`, `ValidationError`
 */
export function findRule(ctx: Context, arn: string): { rule: Rule } | { defaultOf: Listener } {
  const [, name = "", , listenerId = "", id = ""] = partsOfArn("listener rule", arn);
  const rule = ctx.table(tables.rules).get([name, listenerId, id]);
  if (rule?.arn === arn) return { rule };
  const listener = ctx.table(tables.listeners).get([name, listenerId]);
  if (listener?.defaultRuleArn === arn) return { defaultOf: listener };
  throw errors.RuleNotFound(missing.rule);
}

/** @throws AwsError `TargetGroupNotFound`, `ValidationError` */
export function findTargetGroup(ctx: Context, arn: string): TargetGroup {
  const [name = ""] = partsOfArn("target group", arn);
  const found = ctx.table(tables.targetGroups).get(name);
  if (found?.arn !== arn) throw errors.TargetGroupNotFound(missing.targetGroup);
  return found;
}

export function listenersOf(ctx: Context, loadBalancer: string): Listener[] {
  return [...ctx.table(tables.listeners).values({ prefix: [loadBalancer] })];
}

/** A listener's rules but for the default one, by priority. */
export function rulesOf(ctx: Context, { loadBalancer, id }: Listener): Rule[] {
  return [...ctx.table(tables.rules).values({ prefix: [loadBalancer, id] })].toSorted(
    (a, b) => a.priority - b.priority,
  );
}

export function targetsOf(ctx: Context, targetGroup: string): Target[] {
  return [...ctx.table(tables.targets).values({ prefix: [targetGroup] })];
}

/** The load balancer that a target group is used by, by ARN. A group is used by one at most. */
export function loadBalancerOf(ctx: Context, targetGroup: string): string | undefined {
  for (const arn of ctx.table(tables.uses).values({ prefix: [targetGroup] })) return arn;
  return undefined;
}
