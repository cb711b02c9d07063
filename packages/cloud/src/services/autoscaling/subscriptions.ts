import type { Subscription } from "../../kernel/service.ts";
import { notRegistered, setTarget } from "./apply/targets.ts";
import type { Ec2State, TargetState } from "./model/instance.ts";
import { changeInstance, lookUpInstance, tables } from "./store.ts";

/** EC2 tells how instances are. @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html */
const instanceStates: Subscription = {
  name: "autoscaling-instance-states",
  matches: (event, ctx) =>
    event.source === "aws.ec2" &&
    event.detailType === "EC2 Instance State-change Notification" &&
    ctx.table(tables.memberships).has(String(event.detail["instance-id"])),
  async handle(ctx, { detail }) {
    const instance = lookUpInstance(ctx, String(detail["instance-id"]));
    const ec2 = detail["state"] as Ec2State;
    if (instance !== undefined) ctx.transaction(() => changeInstance(ctx, instance, (row) => ({ ...row, ec2 })));
  },
};

/** The load balancers tell how targets are. */
const targetHealth: Subscription = {
  name: "autoscaling-target-health",
  matches: (event, ctx) =>
    event.source === "trysail.elasticloadbalancing" &&
    event.detailType === "Target Health Change" &&
    ctx.table(tables.memberships).has(String(event.detail["targetId"])),
  async handle(ctx, { detail }) {
    const instance = lookUpInstance(ctx, String(detail["targetId"]));
    if (instance === undefined) return;
    const arn = String(detail["targetGroupArn"]);
    const isAttached = ctx.table(tables.groups).get(instance.group)?.targetGroups.includes(arn) === true;
    // As in AWS, a group registers its instances once: one that somebody takes out stays out.
    const out = isAttached ? "skipped" : undefined;
    const state = detail["reason"] === notRegistered ? out : (detail["state"] as TargetState);
    // Of a target group that the instance was never put into by its group, nothing is to be known.
    setTarget(ctx, instance, arn, (known) => (known === undefined ? undefined : state));
  },
};

export const subscriptions = [instanceStates, targetHealth];
