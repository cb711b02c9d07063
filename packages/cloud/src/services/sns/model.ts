import type { Millis } from "@trysail/core";
import type { Tags } from "../../kernel/tags.ts";

export interface Topic {
  readonly name: string;
  readonly arn: string;
  /** Those that were set, as SetTopicAttributes names them. */
  readonly attributes: Readonly<Record<string, string>>;
  /** How many subscriptions have gone. */
  readonly unsubscribed: number;
  readonly tags: Tags;
}

/** What Trysail can deliver by. */
export type Protocol = "lambda" | "http" | "https";

export interface Subscription {
  readonly topic: string;
  readonly id: string;
  readonly arn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  /** Those that were set, as SetSubscriptionAttributes names them. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly isConfirmed: boolean;
  /** What confirms it. */
  readonly token: string;
  /** Whether its link alone does not end it. */
  readonly authenticatesUnsubscribe: boolean;
  /** Who has subscribed it. */
  readonly principal: string;
  readonly createdAt: Millis;
}

/** A message's attribute, its value as deliveries write it. */
export interface MessageAttribute {
  readonly Type: string;
  readonly Value: string;
}

/** What a subscription is sent. */
export type Message = {
  readonly id: string;
  readonly text: string;
  readonly sentAt: Millis;
} & (
  | {
      readonly type: "Notification";
      readonly subject: string | undefined;
      readonly attributes: Readonly<Record<string, MessageAttribute>>;
    }
  | { readonly type: "SubscriptionConfirmation"; readonly token: string }
);

/** A message on its way to a subscription. */
export interface Delivery {
  readonly message: Message;
  readonly failures: number;
}

/** Who may do what with a topic that was given no policy: its owner, everything. */
export function defaultPolicy(arn: string, account: string): string {
  const actions = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
  ];
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: actions.map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { "AWS:SourceOwner": account } },
      },
    ],
  });
}

/** Whether the endpoint is sent the bare message. */
export const isRaw = ({ attributes }: Pick<Subscription, "attributes">) => attributes["RawMessageDelivery"] === "true";
