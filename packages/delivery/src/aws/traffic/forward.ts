import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  ModifyListenerCommand,
  ModifyRuleCommand,
  type Action as ElbAction,
  type ElasticLoadBalancingV2Client,
  type TargetGroupTuple,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { TrysailError } from "@trysail/core";

/** Target groups by weight. */
export type Weights = ReadonlyMap<string, number>;

/** Where a listener, or one of its rules, forwards to. */
export interface Forward {
  read(): Promise<Weights>;
  write(weights: Weights): Promise<void>;
}

/** @param arn - of a listener, whose default action is meant, or of a rule */
export function forwardOf(loadBalancing: ElasticLoadBalancingV2Client, arn: string): Forward {
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
  /** Of what is there: authentication before it, and stickiness, stay. */
  async function forwarding(): Promise<{ readonly all: readonly ElbAction[]; readonly forward: ElbAction }> {
    const all = await actions();
    const forward = all.find(({ Type }) => Type === "forward");
    if (forward === undefined)
      throw new TrysailError("no-forward", `${arn} does not forward to target groups.`, { fault: "user" });
    return { all, forward };
  }
  return {
    async read() {
      const { forward } = await forwarding();
      const tuples = forward.ForwardConfig?.TargetGroups ?? [{ TargetGroupArn: forward.TargetGroupArn, Weight: 1 }];
      return new Map(tuples.map(({ TargetGroupArn = "", Weight = 1 }) => [TargetGroupArn, Weight]));
    },
    async write(weights) {
      const { all, forward } = await forwarding();
      const TargetGroups = [...weights].map(([TargetGroupArn, Weight]): TargetGroupTuple => ({
        TargetGroupArn,
        Weight,
      }));
      const { TargetGroupArn: _, ...rest } = forward;
      const changed: ElbAction = { ...rest, ForwardConfig: { ...forward.ForwardConfig, TargetGroups } };
      const after = all.map((action) => (action === forward ? changed : action));
      await (isRule
        ? loadBalancing.send(new ModifyRuleCommand({ RuleArn: arn, Actions: after }))
        : loadBalancing.send(new ModifyListenerCommand({ ListenerArn: arn, DefaultActions: after })));
    },
  };
}

/**
 * Weights after one was set. A target group without weight is left out, so that no more than five are there, which is
 * AWS's limit; the fleet's own one stands in where nothing else would be left.
 *
 * @param keep - stays with weight 0, so that it is health-checked before it takes traffic
 */
export function withWeight(
  weights: Weights,
  targetGroup: string,
  weight: number,
  { own, keep }: { readonly own: string; readonly keep: boolean },
): Weights {
  const after = new Map(weights);
  if (weight > 0 || keep) after.set(targetGroup, weight);
  else after.delete(targetGroup);
  const isServed = [...after].some(([arn, one]) => arn !== own && one > 0);
  // While nothing else serves, its weight says where requests go: to nobody.
  if (isServed) after.delete(own);
  else after.set(own, 1);
  return after;
}
