import type { NotificationConfiguration } from "@aws-sdk/client-s3";
import { parseAccountId, parseRegion } from "@trysail/core";
import type { Context, DeliveredEvent } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Subscription } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { tables } from "../store.ts";
import { notificationRecord, notifiedOf } from "./notification.ts";
import type { Notified } from "./notification.ts";

const subject = "Amazon S3 Notification";

function configurationOf(ctx: Context, { detail }: DeliveredEvent): NotificationConfiguration | undefined {
  const { name } = detail["bucket"] as { readonly name: string };
  return ctx.table(tables.configurations).get([name, "notification", ""]) as NotificationConfiguration | undefined;
}

/** Tells topics and functions what a bucket's configuration has them told. */
export const notifications: Subscription = {
  name: "s3-notifications",
  matches(event, ctx) {
    if (event.source !== "aws.s3") return false;
    const configuration = configurationOf(ctx, event);
    return configuration !== undefined && notifiedOf(configuration, event).length > 0;
  },
  async handle(ctx, event) {
    const told = notifiedOf(configurationOf(ctx, event) ?? {}, event);
    await Promise.all(told.map((one) => tell(ctx, one, JSON.stringify({ Records: [notificationRecord(event, one)] }))));
  },
};

function elsewhere(ctx: Context, arn: string): Context {
  const [, , , region = "", account = ""] = arn.split(":");
  return ctx.as({ region: parseRegion(region) ?? ctx.region, account: parseAccountId(account) ?? ctx.account });
}

async function tell(ctx: Context, { kind, arn }: Notified, message: string): Promise<void> {
  const { call } = elsewhere(ctx, arn);
  try {
    if (kind === "topic") await call.sns.publish({ TopicArn: arn, Subject: subject, Message: message });
    else await call.lambda.invoke({ FunctionName: arn, InvocationType: "Event", Payload: Buffer.from(message) });
  } catch (error) {
    // One that is not there any more is no reason to hold up the others.
    if (!isAwsError(error)) throw error;
    ctx.log.warn("a bucket's notification was not delivered", { destination: arn, error: error.message });
  }
}

/**
 * Refuses destinations that are not there.
 *
 * @throws AwsError `InvalidArgument`
 */
export async function checkDestinations(ctx: Context, configuration: NotificationConfiguration): Promise<void> {
  const { TopicConfigurations: topics = [], LambdaFunctionConfigurations: functions = [] } = configuration;
  const queues = configuration.QueueConfigurations ?? [];
  const check = async (arn: string | undefined, look: () => Promise<unknown>) => {
    try {
      await look();
    } catch (error) {
      if (!isAwsError(error)) throw error;
      throw errors.InvalidArgument("Unable to validate the following destination configurations", {
        ArgumentName: arn,
        ArgumentValue: error.message,
      });
    }
  };
  if (queues.length > 0)
    throw errors.InvalidArgument(
      "Trysail has no queues: a bucket's notifications go to topics, functions and EventBridge",
    );
  for (const { TopicArn = "" } of topics)
    await check(TopicArn, () => elsewhere(ctx, TopicArn).call.sns.getTopicAttributes({ TopicArn }));
  for (const { LambdaFunctionArn: FunctionName = "" } of functions)
    await check(FunctionName, () => elsewhere(ctx, FunctionName).call.lambda.getFunction({ FunctionName }));
}

/** Tells the topics of a new configuration that they are its, as AWS does. */
export async function tellTest(ctx: Context, bucket: string, configuration: NotificationConfiguration): Promise<void> {
  const message = {
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time: new Date(ctx.now).toISOString(),
    Bucket: bucket,
    RequestId: ctx.requestId,
    HostId: ctx.requestId,
  };
  for (const { TopicArn: arn = "" } of configuration.TopicConfigurations ?? [])
    await tell(ctx, { kind: "topic", arn, configurationId: "" }, JSON.stringify(message));
}
