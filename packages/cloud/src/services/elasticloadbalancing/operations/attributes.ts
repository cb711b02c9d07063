import type { Handler } from "../../../kernel/service.ts";
import {
  listenerAttributes,
  loadBalancerAttributes,
  showAttributes,
  targetGroupAttributes,
  withAttributes,
} from "../attributes.ts";
import type { Sdk } from "../sdk.ts";
import { findListener, findLoadBalancer, findTargetGroup, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancerAttributes.html */
export const describeLoadBalancerAttributes: Handler<Sdk, "describeLoadBalancerAttributes"> = (ctx, input) => ({
  Attributes: showAttributes(loadBalancerAttributes, findLoadBalancer(ctx, input.LoadBalancerArn).attributes),
});

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyLoadBalancerAttributes.html */
export const modifyLoadBalancerAttributes: Handler<Sdk, "modifyLoadBalancerAttributes"> = (ctx, input) => {
  const balancer = findLoadBalancer(ctx, input.LoadBalancerArn);
  const attributes = withAttributes("Load balancer", loadBalancerAttributes, balancer.attributes, input.Attributes);
  ctx.table(tables.loadBalancers).put(balancer.name, { ...balancer, attributes });
  return { Attributes: showAttributes(loadBalancerAttributes, attributes) };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroupAttributes.html */
export const describeTargetGroupAttributes: Handler<Sdk, "describeTargetGroupAttributes"> = (ctx, input) => {
  const { targetType, attributes } = findTargetGroup(ctx, input.TargetGroupArn);
  return { Attributes: showAttributes(targetGroupAttributes(targetType), attributes) };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html */
export const modifyTargetGroupAttributes: Handler<Sdk, "modifyTargetGroupAttributes"> = (ctx, input) => {
  const group = findTargetGroup(ctx, input.TargetGroupArn);
  const rules = targetGroupAttributes(group.targetType);
  const attributes = withAttributes("Target group", rules, group.attributes, input.Attributes);
  ctx.table(tables.targetGroups).put(group.name, { ...group, attributes });
  return { Attributes: showAttributes(rules, attributes) };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeListenerAttributes.html */
export const describeListenerAttributes: Handler<Sdk, "describeListenerAttributes"> = (ctx, input) => ({
  Attributes: showAttributes(listenerAttributes, findListener(ctx, input.ListenerArn).attributes),
});

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListenerAttributes.html */
export const modifyListenerAttributes: Handler<Sdk, "modifyListenerAttributes"> = (ctx, input) => {
  const listener = findListener(ctx, input.ListenerArn);
  const attributes = withAttributes("Listener", listenerAttributes, listener.attributes, input.Attributes);
  ctx.table(tables.listeners).put([listener.loadBalancer, listener.id], { ...listener, attributes });
  return { Attributes: showAttributes(listenerAttributes, attributes) };
};
