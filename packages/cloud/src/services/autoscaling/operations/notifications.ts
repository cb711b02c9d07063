import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { notificationTypes } from "../notifications/activities.ts";
import type { NotificationType } from "../notifications/activities.ts";
import { isTopic, tryTopic } from "../notifications/notices.ts";
import type { Sdk } from "../sdk.ts";
import { findGroup, findLiveGroup, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html */
const topicsOfGroup = 10;

const isType = (type: string): type is NotificationType => (notificationTypes as readonly string[]).includes(type);

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutNotificationConfiguration.html */
export const putNotificationConfiguration: Handler<Sdk, "putNotificationConfiguration"> = async (ctx, input) => {
  const { TopicARN: topic, NotificationTypes: given } = input;
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  const types = [...new Set(given)].filter(isType);
  const unknown = given.find((type) => !isType(type));
  if (unknown !== undefined) throw errors.ValidationError(`Invalid notification type: ${unknown}`);
  if (types.length === 0) throw errors.ValidationError("At least one notification type must be given.");
  if (!isTopic(topic)) throw errors.ValidationError(`Invalid topic ARN: ${topic}`);
  const rows = ctx.table(tables.notifications);
  const topics = [...rows.keys({ prefix: [group.name] })];
  if (!rows.has([group.name, topic]) && topics.length >= topicsOfGroup)
    throw errors.LimitExceeded(`A group can have at most ${topicsOfGroup} topics.`);
  await tryTopic(ctx, group, topic);
  ctx.transaction(() => {
    findLiveGroup(ctx, group.name);
    rows.put([group.name, topic], types);
  });
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteNotificationConfiguration.html */
export const deleteNotificationConfiguration: Handler<Sdk, "deleteNotificationConfiguration"> = (ctx, input) => {
  const { name } = findGroup(ctx, input.AutoScalingGroupName);
  if (!ctx.table(tables.notifications).delete([name, input.TopicARN]))
    throw errors.ValidationError(`No notification configuration found for topic ${input.TopicARN} in group ${name}`);
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeNotificationConfigurations.html */
export const describeNotificationConfigurations: Handler<Sdk, "describeNotificationConfigurations"> = (ctx, input) => {
  const { AutoScalingGroupNames: names = [] } = input;
  const all = [...ctx.table(tables.notifications).entries()].flatMap(([[group, TopicARN], types]) =>
    names.length > 0 && !names.includes(group)
      ? []
      : types.map((NotificationType) => ({ AutoScalingGroupName: group, TopicARN, NotificationType })),
  );
  const { items, next } = pageOfList(all, input.NextToken, input.MaxRecords ?? 50, errors.InvalidNextToken);
  return { NotificationConfigurations: items, NextToken: next };
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingNotificationTypes.html */
export const describeAutoScalingNotificationTypes: Handler<Sdk, "describeAutoScalingNotificationTypes"> = () => ({
  AutoScalingNotificationTypes: [...notificationTypes],
});
