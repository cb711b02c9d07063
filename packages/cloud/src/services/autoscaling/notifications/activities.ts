import type { Context } from "../../../kernel/context.ts";
import { tables } from "../store.ts";
import type { Activity } from "../model/activity.ts";
import { commonOf, putNotice } from "./notices.ts";

/** What a group can tell topics of. @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-sns-notifications.html */
export const notificationTypes = [
  "autoscaling:EC2_INSTANCE_LAUNCH",
  "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
  "autoscaling:EC2_INSTANCE_TERMINATE",
  "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
  "autoscaling:TEST_NOTIFICATION",
] as const;
export type NotificationType = (typeof notificationTypes)[number];

/** Tells the topics that want it that a launch or a termination has ended. @param detail - what the event tells of it */
export function notifyOfActivity(
  ctx: Context,
  activity: Activity & { readonly kind: "launch" | "terminate" },
  detail: object,
): void {
  const launched = activity.kind === "launch";
  const failed = activity.status !== "Successful";
  const type: NotificationType = `autoscaling:EC2_INSTANCE_${launched ? "LAUNCH" : "TERMINATE"}${failed ? "_ERROR" : ""}`;
  const what = `${failed ? "failed " : ""}${launched ? "launch" : "termination"}`;
  for (const [[, topic], types] of ctx.table(tables.notifications).entries({ prefix: [activity.group] }))
    if (types.includes(type))
      putNotice(ctx, {
        topic,
        subject: `Auto Scaling: ${what} for group "${activity.group}"`,
        message: {
          ...commonOf(ctx, { name: activity.group }, activity.id),
          ...detail,
          AutoScalingGroupARN: activity.groupArn,
          Progress: 50,
          Event: type,
        },
      });
}
