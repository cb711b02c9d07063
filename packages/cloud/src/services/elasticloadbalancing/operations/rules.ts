import type { Rule as Shown, RuleTransform } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { readActions } from "../actions.ts";
import { arnOf } from "../arns.ts";
import { readConditions } from "../conditions.ts";
import { errors } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Listener, Rule } from "../model.ts";
import { pageOfAll } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { findListener, findLoadBalancer, findRule, rulesOf, tables } from "../store.ts";
import { putTags } from "../tagging.ts";
import { dropUses, setUses } from "../uses.ts";

function showRule(rule: Rule): Shown {
  return {
    RuleArn: rule.arn,
    Priority: String(rule.priority),
    Conditions: [...rule.conditions],
    Actions: [...rule.actions],
    IsDefault: false,
  };
}

function showDefaultRule({ defaultRuleArn, defaultActions }: Listener): Shown {
  return {
    RuleArn: defaultRuleArn,
    Priority: "default",
    Conditions: [],
    Actions: [...defaultActions],
    IsDefault: true,
  };
}

function checkPriority(priority: number): void {
  if (priority >= 1 && priority <= 50_000) return;
  const rule = priority < 1 ? "greater than or equal to 1" : "less than or equal to 50000";
  throw errors.ValidationError(
    `1 validation error detected: Value '${priority}' at 'priority' failed to satisfy constraint: Member must have value ${rule}`,
  );
}

function refuseTransforms(transforms: readonly RuleTransform[] | undefined): void {
  if ((transforms?.length ?? 0) > 0)
    throw errors.ValidationError("Trysail's load balancers do not rewrite requests: leave out Transforms.");
}

function putRule(ctx: Context, rule: Rule): void {
  ctx.table(tables.rules).put([rule.loadBalancer, rule.listenerId, rule.id], rule);
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html */
export const createRule: Handler<Sdk, "createRule"> = (ctx, input) => {
  const listener = findListener(ctx, input.ListenerArn);
  const balancer = findLoadBalancer(ctx, listener.loadBalancerArn);
  checkPriority(input.Priority);
  refuseTransforms(input.Transforms);
  const conditions = readConditions(input.Conditions);
  const actions = readActions(input.Actions, listener.protocol);
  if (rulesOf(ctx, listener).some(({ priority }) => priority === input.Priority))
    throw errors.PriorityInUse(`Priority '${input.Priority}' is currently in use`);
  const max = limits["rules-per-application-load-balancer"];
  if ([...ctx.table(tables.rules).keys({ prefix: [balancer.name] })].length >= max)
    throw errors.TooManyRules(`The maximum number of rules on load balancer '${balancer.arn}' is '${max}'`);
  const id = ctx.ids.hex(16);
  const rule: Rule = {
    arn: arnOf(ctx, `listener-rule/${balancer.fullName}/${listener.id}/${id}`),
    loadBalancer: balancer.name,
    listenerId: listener.id,
    id,
    listenerArn: listener.arn,
    loadBalancerArn: balancer.arn,
    priority: input.Priority,
    conditions,
    actions,
  };
  setUses(ctx, rule.arn, balancer, [], actions);
  putRule(ctx, rule);
  putTags(ctx, rule.arn, input.Tags);
  return { Rules: [showRule(rule)] };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyRule.html */
export const modifyRule: Handler<Sdk, "modifyRule"> = (ctx, input) => {
  const found = findRule(ctx, input.RuleArn);
  refuseTransforms(input.Transforms);
  if ("defaultOf" in found) throw errors.OperationNotPermitted(`Default rule '${input.RuleArn}' cannot be modified`);
  if (input.Conditions === undefined && input.Actions === undefined && input.ResetTransforms !== true)
    throw errors.ValidationError("Either conditions or actions must be specified");
  const { rule } = found;
  const { protocol } = findListener(ctx, rule.listenerArn);
  const changed: Rule = {
    ...rule,
    ...(input.Conditions !== undefined && { conditions: readConditions(input.Conditions) }),
    ...(input.Actions !== undefined && { actions: readActions(input.Actions, protocol) }),
  };
  setUses(ctx, rule.arn, findLoadBalancer(ctx, rule.loadBalancerArn), rule.actions, changed.actions);
  putRule(ctx, changed);
  return { Rules: [showRule(changed)] };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteRule.html */
export const deleteRule: Handler<Sdk, "deleteRule"> = (ctx, input) => {
  const found = findRule(ctx, input.RuleArn);
  if ("defaultOf" in found) throw errors.OperationNotPermitted(`Default rule '${input.RuleArn}' cannot be deleted`);
  const { rule } = found;
  dropUses(ctx, rule.arn, rule.actions);
  ctx.table(tables.rules).delete([rule.loadBalancer, rule.listenerId, rule.id]);
  ctx.table(tables.tags).delete(rule.arn);
  return {};
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html */
export const describeRules: Handler<Sdk, "describeRules"> = (ctx, input) => {
  const { ListenerArn: listenerArn, RuleArns: arns = [] } = input;
  if ((listenerArn === undefined) === (arns.length === 0))
    throw errors.ValidationError("You must specify either listener rule ARNs or a listener ARN");
  if (listenerArn !== undefined) {
    const listener = findListener(ctx, listenerArn);
    const all = [...rulesOf(ctx, listener).map(showRule), showDefaultRule(listener)];
    const { items, NextMarker } = pageOfAll(all, input);
    return { Rules: items, NextMarker };
  }
  return {
    Rules: arns.map((arn) => {
      const found = findRule(ctx, arn);
      return "rule" in found ? showRule(found.rule) : showDefaultRule(found.defaultOf);
    }),
  };
};

/**
 * Moves rules, all at once: two may change places.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetRulePriorities.html
 */
export const setRulePriorities: Handler<Sdk, "setRulePriorities"> = (ctx, input) => {
  const moved = input.RulePriorities.map(({ RuleArn: arn = "", Priority: priority }) => {
    if (priority === undefined) throw errors.ValidationError("A rule priority must be specified");
    checkPriority(priority);
    const found = findRule(ctx, arn);
    if ("defaultOf" in found) throw errors.OperationNotPermitted(`Default rule '${arn}' cannot be moved`);
    return { ...found.rule, priority };
  });
  const [first] = moved;
  if (first === undefined) return { Rules: [] };
  if (moved.some(({ listenerArn }) => listenerArn !== first.listenerArn))
    throw errors.ValidationError("All rules must belong to the same listener");
  const priorities = moved.map(({ priority }) => priority);
  const twice = priorities.find((priority, index) => priorities.indexOf(priority) !== index);
  if (twice !== undefined) throw errors.ValidationError(`Priority '${twice}' was provided multiple times`);
  const movedArns = new Set(moved.map(({ arn }) => arn));
  if (movedArns.size < moved.length) throw errors.ValidationError("A rule was provided multiple times");
  const listener = findListener(ctx, first.listenerArn);
  const taken = rulesOf(ctx, listener).find(
    ({ arn, priority }) => !movedArns.has(arn) && priorities.includes(priority),
  );
  if (taken !== undefined) throw errors.PriorityInUse(`Priority '${taken.priority}' is currently in use`);
  for (const rule of moved) putRule(ctx, rule);
  return { Rules: moved.map(showRule) };
};
