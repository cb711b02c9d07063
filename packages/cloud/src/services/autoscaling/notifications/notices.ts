import { messageOf, parseRegion } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Controller } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { Group } from "../model/group.ts";
import { tables } from "../store.ts";

/** A message on its way to a topic. */
export interface Notice {
  readonly topic: string;
  readonly subject: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/** A subject has at most this many characters. */
const subjectCharacters = 100;

async function publish(ctx: Context, { topic, subject, message }: Notice): Promise<void> {
  const there = ctx.as({ region: parseRegion(topic.split(":")[3] ?? "") ?? ctx.region });
  const Subject = subject.slice(0, subjectCharacters);
  await there.call.sns.publish({ TopicArn: topic, Subject, Message: JSON.stringify(message) });
}

/** Tells topics of what has happened, at least once. */
export const notices: Controller<Notice> = {
  name: "notices",
  watches: [tables.notices],
  keyOf: ({ key, value }) => (value === undefined ? undefined : String(key)),
  async reconcile(ctx, key) {
    const notice = ctx.table(tables.notices).get(key);
    if (notice === undefined) return;
    try {
      await publish(ctx, notice);
    } catch (error) {
      // A topic that has gone, or takes no such message, will not take it later either.
      if (!isAwsError(error)) throw error;
      ctx.log.warn("a topic could not be told of a group", { topic: notice.topic, error: messageOf(error) });
    }
    ctx.transaction(() => ctx.table(tables.notices).delete(key));
  },
};

/** Inside a transaction. */
export function putNotice(ctx: Context, notice: Notice): void {
  ctx.table(tables.notices).put(ctx.ids.uuid(), notice);
}

/** What all messages tell. */
export const commonOf = (ctx: Context, group: Pick<Group, "name">, requestId: string) => ({
  Service: "AWS Auto Scaling",
  Time: new Date(ctx.now).toISOString(),
  RequestId: requestId,
  AccountId: ctx.account,
  AutoScalingGroupName: group.name,
});

export const testNotice = (ctx: Context, group: Pick<Group, "name" | "arn">, topic: string): Notice => ({
  topic,
  subject: `Auto Scaling: test notification for group "${group.name}"`,
  message: {
    ...commonOf(ctx, group, ctx.ids.uuid()),
    AutoScalingGroupARN: group.arn,
    Event: "autoscaling:TEST_NOTIFICATION",
  },
});

export const isTopic = (arn: string) => /^arn:[^:]+:sns:[^:]+:\d{12}:[^:]+$/.test(arn);

/** Tries a topic out, as AWS does before it takes it. @throws AwsError `ValidationError` */
export async function tryTopic(ctx: Context, group: Group, topic: string): Promise<void> {
  try {
    await publish(ctx, testNotice(ctx, group, topic));
  } catch (error) {
    if (!isAwsError(error)) throw error;
    throw errors.ValidationError(
      `Unable to publish test message to notification target ${topic}. Please check your target and role configuration and try again. (${error.message})`,
    );
  }
}
