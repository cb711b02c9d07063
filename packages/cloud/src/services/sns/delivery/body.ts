import type { Context } from "../../../kernel/context.ts";
import type { Message, Subscription, Topic } from "../model.ts";
import { certificateUrl, signingKey } from "../signing/key.ts";
import { signatureOf } from "../signing/sign.ts";

const link = ({ host }: Context, query: Readonly<Record<string, string>>) =>
  `${host.endpoint}/?${new URLSearchParams(query).toString()}`;

/**
 * A message as HTTP endpoints get it.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export async function bodyOf(ctx: Context, topic: Topic, { arn }: Subscription, message: Message) {
  const { type, id, text, sentAt } = message;
  const told = {
    Type: type,
    MessageId: id,
    ...(message.type === "SubscriptionConfirmation" && { Token: message.token }),
    TopicArn: topic.arn,
    ...(message.type === "Notification" && message.subject !== undefined && { Subject: message.subject }),
    Message: text,
    ...(message.type === "SubscriptionConfirmation" && {
      SubscribeURL: link(ctx, { Action: "ConfirmSubscription", TopicArn: topic.arn, Token: message.token }),
    }),
    Timestamp: new Date(sentAt).toISOString(),
  };
  const SignatureVersion = topic.attributes["SignatureVersion"] ?? "1";
  const key = await signingKey(ctx);
  const isNotification = message.type === "Notification";
  return {
    ...told,
    SignatureVersion,
    Signature: signatureOf(told, key.privateKey, SignatureVersion),
    SigningCertURL: certificateUrl(ctx, key),
    ...(isNotification && { UnsubscribeURL: link(ctx, { Action: "Unsubscribe", SubscriptionArn: arn }) }),
    ...(isNotification && Object.keys(message.attributes).length > 0 && { MessageAttributes: message.attributes }),
  };
}

/**
 * A message as functions get it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export async function lambdaEvent(ctx: Context, topic: Topic, subscription: Subscription, message: Message) {
  const { SigningCertURL, UnsubscribeURL, ...told } = await bodyOf(ctx, topic, subscription, message);
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscription.arn,
        Sns: {
          Subject: null,
          MessageAttributes: {},
          ...told,
          SigningCertUrl: SigningCertURL,
          UnsubscribeUrl: UnsubscribeURL,
        },
      },
    ],
  };
}
