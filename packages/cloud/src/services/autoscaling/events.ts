import type { Context } from "../../kernel/context.ts";
import { descriptionOf } from "./model/activity.ts";
import type { Activity } from "./model/activity.ts";
import type { Group } from "./model/group.ts";
import type { Hook } from "./model/hook.ts";
import type { GroupInstance, HookWait } from "./model/instance.ts";
import { notifyOfActivity } from "./notifications/activities.ts";
import { commonOf, putNotice } from "./notifications/notices.ts";

const time = (ms: number) => new Date(ms).toISOString();

/**
 * Tells that a launch or termination has ended: by an event, and the group's topics. Inside a transaction.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
 */
export function tellOfActivity(ctx: Context, activity: Activity | undefined): void {
  if (activity === undefined || (activity.kind !== "launch" && activity.kind !== "terminate")) return;
  const { id, group, groupArn, kind, instanceId = "", cause, startedAt, endedAt, statusMessage = "" } = activity;
  const detail = {
    StatusCode: activity.status === "Successful" ? "InProgress" : "Failed",
    Description: descriptionOf(activity),
    AutoScalingGroupName: group,
    ActivityId: id,
    RequestId: id,
    Details: detailsOf(activity),
    StatusMessage: statusMessage,
    EC2InstanceId: instanceId,
    StartTime: time(startedAt),
    EndTime: time(endedAt ?? ctx.now),
    Cause: cause,
    Origin: kind === "launch" ? "EC2" : "AutoScalingGroup",
    Destination: kind === "launch" ? "AutoScalingGroup" : "EC2",
  };
  const what = kind === "launch" ? "Launch" : "Terminate";
  const how = activity.status === "Successful" ? "Successful" : "Unsuccessful";
  const { account, region } = ctx;
  ctx.emit({
    source: "aws.autoscaling",
    detailType: `EC2 Instance ${what} ${how}`,
    resources: [groupArn, `arn:aws:ec2:${region}:${account}:instance/${instanceId}`].slice(
      0,
      instanceId === "" ? 1 : 2,
    ),
    detail,
  });
  notifyOfActivity(ctx, { ...activity, kind }, detail);
}

/** Where an activity took place, in AWS's form. */
export function detailsOf({ zone, subnet }: Pick<Activity, "zone" | "subnet">): Readonly<Record<string, string>> {
  return subnet === undefined ? { "Availability Zone": zone } : { "Subnet ID": subnet, "Availability Zone": zone };
}

/** Tells that an instance waits for a lifecycle hook: by an event, and the hook's topic. Inside a transaction. */
export function tellOfHook(ctx: Context, group: Group, instance: GroupInstance, hook: Hook, wait: HookWait): void {
  const launching = hook.transition === "autoscaling:EC2_INSTANCE_LAUNCHING";
  const detail = {
    LifecycleActionToken: wait.token,
    AutoScalingGroupName: group.name,
    LifecycleHookName: hook.name,
    EC2InstanceId: instance.id,
    LifecycleTransition: hook.transition,
    ...(hook.metadata !== undefined && { NotificationMetadata: hook.metadata }),
    Origin: launching ? "EC2" : "AutoScalingGroup",
    Destination: launching ? "AutoScalingGroup" : "EC2",
  };
  ctx.emit({
    source: "aws.autoscaling",
    detailType: `EC2 Instance-${launching ? "launch" : "terminate"} Lifecycle Action`,
    resources: [group.arn],
    detail,
  });
  if (hook.topic !== undefined)
    putNotice(ctx, {
      topic: hook.topic,
      subject: `Auto Scaling:  Lifecycle action '${launching ? "LAUNCHING" : "TERMINATING"}' for instance ${instance.id} in progress.`,
      message: { ...commonOf(ctx, group, ctx.ids.uuid()), ...detail },
    });
}

/** Tells how an instance refresh has gone on. Inside a transaction. */
export function tellOfRefresh(
  ctx: Context,
  group: Group,
  refresh: { readonly id: string; readonly status: string },
): void {
  const what: Readonly<Record<string, string>> = {
    InProgress: "Started",
    Successful: "Succeeded",
    Failed: "Failed",
    Cancelled: "Cancelled",
    RollbackInProgress: "Rollback Started",
    RollbackSuccessful: "Rollback Succeeded",
    RollbackFailed: "Rollback Failed",
  };
  const told = what[refresh.status];
  if (told === undefined) return;
  ctx.emit({
    source: "aws.autoscaling",
    detailType: `EC2 Auto Scaling Instance Refresh ${told}`,
    resources: [group.arn],
    detail: { InstanceRefreshId: refresh.id, AutoScalingGroupName: group.name },
  });
}
