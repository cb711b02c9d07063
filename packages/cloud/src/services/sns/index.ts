import { defineService } from "../../kernel/service.ts";
import { delivering } from "./delivery/delivering.ts";
import { expiry } from "./expiry.ts";
import { links } from "./links.ts";
import * as permissions from "./operations/permissions.ts";
import * as publishing from "./operations/publish.ts";
import * as subscriptions from "./operations/subscriptions.ts";
import * as tags from "./operations/tags.ts";
import * as topics from "./operations/topics.ts";
import { subscription } from "./resources/subscription.ts";
import { topicPolicy } from "./resources/topic-policy.ts";
import { topic } from "./resources/topic.ts";
import type { Sdk } from "./sdk.ts";
import { certificates } from "./signing/key.ts";
import { tables } from "./store.ts";

/** SNS: topics, and who is told of what is published to them. */
export const sns = defineService<Sdk>({
  id: "sns",
  scope: "regional",
  tables,
  operations: { ...permissions, ...publishing, ...subscriptions, ...tags, ...topics },
  controllers: [delivering, expiry],
  routes: [certificates, links],
  resources: {
    "AWS::SNS::Subscription": subscription,
    "AWS::SNS::Topic": topic,
    "AWS::SNS::TopicPolicy": topicPolicy,
  },
});
