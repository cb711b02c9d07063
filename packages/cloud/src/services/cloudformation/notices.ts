import { messageOf, parseRegion } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { isAwsError } from "../../kernel/errors.ts";
import type { Controller } from "../../kernel/service.ts";
import type { StackEvent } from "./model.ts";
import { tables } from "./store.ts";

/** An event that topics are still to be told of. */
export interface Notice {
  readonly topics: readonly string[];
  readonly event: StackEvent;
}

/** Tells topics of what happens to stacks, in its order, at least once. */
export const notices: Controller<Notice> = {
  name: "notices",
  watches: [tables.notices],
  keyOf: ({ key, value }) => (value === undefined ? undefined : (key as [string, number])[0]),
  async reconcile(ctx, stackId) {
    const rows = ctx.table(tables.notices);
    for (const [key, { topics, event }] of rows.entries({ prefix: [stackId] })) {
      for (const topic of topics) await tell(ctx, topic, event);
      ctx.transaction(() => rows.delete(key));
    }
  },
};

async function tell(ctx: Context, topic: string, event: StackEvent): Promise<void> {
  const { call } = ctx.as({ region: parseRegion(topic.split(":")[3] ?? "") ?? ctx.region });
  try {
    await call.sns.publish({
      TopicArn: topic,
      Subject: "AWS CloudFormation Notification",
      Message: textOf(ctx, event),
    });
  } catch (error) {
    // A topic that has gone, or takes no such message, will not take it later either.
    if (!isAwsError(error)) throw error;
    ctx.log.warn("a topic could not be told of a stack", { topic, stack: event.stackName, error: messageOf(error) });
  }
}

/** An event as AWS writes it to topics: a line for each member. */
function textOf({ account }: Context, event: StackEvent): string {
  const members = {
    StackId: event.stackId,
    Timestamp: new Date(event.at).toISOString(),
    EventId: event.id,
    LogicalResourceId: event.logicalId,
    Namespace: account,
    PhysicalResourceId: event.physicalId,
    ResourceProperties: event.properties ?? "null",
    ResourceStatus: event.status,
    ResourceStatusReason: event.statusReason,
    ResourceType: event.type,
    StackName: event.stackName,
    ClientRequestToken: event.clientRequestToken ?? "null",
  };
  return Object.entries(members)
    .map(([name, value]) => `${name}='${value ?? ""}'\n`)
    .join("");
}
