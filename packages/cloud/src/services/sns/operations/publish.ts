import type { PublishBatchResultEntry, BatchResultErrorEntry } from "@aws-sdk/client-sns";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, invalid } from "../errors.ts";
import { decide } from "../filters/policy.ts";
import { limits } from "../limits.ts";
import { measure } from "../measuring.ts";
import type { Topic } from "../model.ts";
import { readMessage, textFor } from "../publishing.ts";
import type { GivenMessage, ReadMessage } from "../publishing.ts";
import type { Sdk } from "../sdk.ts";
import { enqueue, findTopic, subscriptionsOf } from "../store.ts";

/** Sends a message on its way to everybody who wants it. Inside a transaction. @returns its id */
function send(ctx: Context, topic: Topic, message: ReadMessage): string {
  const id = ctx.ids.uuid();
  const { subject, attributes } = message;
  measure(ctx, topic, "NumberOfMessagesPublished");
  measure(ctx, topic, "PublishSize", message.bytes);
  for (const subscription of Array.from(subscriptionsOf(ctx, topic.name))) {
    if (!subscription.isConfirmed) continue;
    const text = textFor(message, subscription.protocol);
    const decision = decide(subscription, text, attributes);
    if (decision === "accepted")
      enqueue(ctx, subscription, { type: "Notification", id, text, subject, attributes, sentAt: ctx.now });
    else {
      measure(ctx, topic, "NumberOfNotificationsFilteredOut");
      measure(ctx, topic, `NumberOfNotificationsFilteredOut-${decision}`);
    }
  }
  return id;
}

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const publish: Handler<Sdk, "publish"> = (ctx, input) => {
  if (input.PhoneNumber !== undefined) throw invalid("PhoneNumber", "Trysail sends no text messages.");
  const { TopicArn, TargetArn } = input;
  const arn = TopicArn ?? TargetArn;
  if (arn === undefined || (TopicArn !== undefined && TargetArn !== undefined))
    throw invalid("TopicArn or TargetArn", arn === undefined ? "no value for required parameter" : "give one of both");
  const topic = findTopic(ctx, arn, TopicArn === undefined ? "TargetArn" : "TopicArn");
  const message = readMessage(input);
  if (message.bytes > limits.messageBytes) throw invalid("Message too long");
  return { MessageId: send(ctx, topic, message) };
};

/** @see https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html */
export const publishBatch: Handler<Sdk, "publishBatch"> = (ctx, input) => {
  const topic = findTopic(ctx, input.TopicArn);
  const entries = input.PublishBatchRequestEntries ?? [];
  checkEntries(entries.map(({ Id = "" }) => Id));
  const Successful: PublishBatchResultEntry[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  const messages = entries.flatMap((entry): { readonly Id: string; readonly message: ReadMessage }[] => {
    const { Id = "", Message = "", ...others } = entry;
    try {
      return [{ Id, message: readMessage({ ...others, Message } satisfies GivenMessage) }];
    } catch (error) {
      if (!isAwsError(error)) throw error;
      Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
      return [];
    }
  });
  if (messages.reduce((sum, { message }) => sum + message.bytes, 0) > limits.messageBytes)
    throw errors.BatchRequestTooLong("The length of all the messages put together is more than the limit.");
  for (const { Id, message } of messages) Successful.push({ Id, MessageId: send(ctx, topic, message) });
  return { Successful, Failed };
};

/** @throws AwsError where AWS refuses the whole batch */
function checkEntries(ids: readonly string[]): void {
  if (ids.length === 0) throw errors.EmptyBatchRequest("The batch request doesn't contain any entries.");
  if (ids.length > limits.entriesInBatch)
    throw errors.TooManyEntriesInBatchRequest("The batch request contains more entries than permissible.");
  if (new Set(ids).size < ids.length)
    throw errors.BatchEntryIdsNotDistinct("Two or more batch entries in the request have the same Id.");
  if (ids.some((id) => !/^[\w-]{1,80}$/.test(id)))
    throw errors.InvalidBatchEntryId(
      "The Id of a batch entry in a batch request doesn't abide by the specification: up to 80 letters, digits, hyphens and underscores.",
    );
}
