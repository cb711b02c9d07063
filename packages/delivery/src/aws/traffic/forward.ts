import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  ModifyListenerCommand,
  ModifyRuleCommand,
  type Action as ElbAction,
  type ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { TrysailError, type Millis } from "@trysail/core";

/** Target groups by weight. */
export type Weights = ReadonlyMap<string, number>;

/** Where a listener, or one of its rules, forwards to. */
export interface Forward {
  read(): Promise<Weights>;
  /** Writes the weights if they are to be others. */
  change(next: (weights: Weights) => Weights): Promise<void>;
}

/** So long AWS may show what was there before a change. */
const settleMs = 5_000;

/**
 * What was written counts for a while, whatever is shown: a change of weights from before would take back the last one, and
 * might leave no group with traffic.
 *
 * @param arn - of a listener, whose default action is meant, or of a rule
 */
export function forwardOf(loadBalancing: ElasticLoadBalancingV2Client, arn: string, now: () => Millis): Forward {
  let written: { readonly weights: Weights; readonly at: Millis } | undefined;
  const present = (shown: Weights): Weights =>
    written !== undefined && now() < written.at + settleMs ? written.weights : shown;
  const isRule = arn.includes(":listener-rule/");
  async function actions(): Promise<readonly ElbAction[]> {
    if (isRule) {
      const { Rules: [rule] = [] } = await loadBalancing.send(new DescribeRulesCommand({ RuleArns: [arn] }));
      return rule?.Actions ?? [];
    }
    const { Listeners: [listener] = [] } = await loadBalancing.send(
      new DescribeListenersCommand({ ListenerArns: [arn] }),
    );
    return listener?.DefaultActions ?? [];
  }
  function forwarding(all: readonly ElbAction[]): ElbAction {
    const forward = all.find(({ Type }) => Type === "forward");
    if (forward === undefined)
      throw new TrysailError("no-forward", `${arn} does not forward to target groups.`, { fault: "user" });
    return forward;
  }
  return {
    read: async () => present(weightsIn(forwarding(await actions()))),
    async change(next) {
      const all = await actions();
      const forward = forwarding(all);
      const before = present(weightsIn(forward));
      const after = next(before);
      if (before.size === after.size && [...after].every(([one, weight]) => before.get(one) === weight)) return;
      const changed = all.map((action) => (action === forward ? forwardingTo(forward, after) : asInput(action)));
      await (isRule
        ? loadBalancing.send(new ModifyRuleCommand({ RuleArn: arn, Actions: changed }))
        : loadBalancing.send(new ModifyListenerCommand({ ListenerArn: arn, DefaultActions: changed })));
      written = { weights: after, at: now() };
    },
  };
}

function weightsIn({ ForwardConfig, TargetGroupArn }: ElbAction): Weights {
  const tuples = ForwardConfig?.TargetGroups ?? [{ TargetGroupArn, Weight: 1 }];
  return new Map(tuples.map((tuple) => [tuple.TargetGroupArn ?? "", tuple.Weight ?? 1]));
}

/** Stickiness stays as it is. */
function forwardingTo(forward: ElbAction, weights: Weights): ElbAction {
  const { TargetGroupArn: _, ...rest } = forward;
  const TargetGroups = [...weights].map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
  return { ...rest, ForwardConfig: { ...forward.ForwardConfig, TargetGroups } };
}

/** The secret of who signs users in is never told, and must not be lost. */
function asInput(action: ElbAction): ElbAction {
  const { AuthenticateOidcConfig: oidc } = action;
  if (oidc === undefined) return action;
  return { ...action, AuthenticateOidcConfig: { ...oidc, UseExistingClientSecret: true } };
}

/**
 * Weights after one was set: the others stay, but for the fleet's own target group. That one stands in as long as nothing
 * else has weight, and is left out as soon as something has: an action forwards to at most five target groups.
 *
 * @param weight - undefined: it is not forwarded to, and not health-checked. 0: it is health-checked only.
 * @param own - the fleet's, whose targets no rollout makes; undefined where a group that no rollout made is in it
 */
export function withWeight(
  weights: Weights,
  targetGroup: string,
  weight: number | undefined,
  own: string | undefined,
): Weights {
  const after = new Map(weights);
  if (weight === undefined) after.delete(targetGroup);
  else after.set(targetGroup, weight);
  if (own === undefined) return after.size === 0 ? after.set(targetGroup, 0) : after;
  const isServed = [...after].some(([arn, one]) => arn !== own && one > 0);
  // Without any target group, the balancer would refuse the action.
  if (isServed) after.delete(own);
  else after.set(own, 1);
  return after;
}
