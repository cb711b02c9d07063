import { defineService } from "../../kernel/service.ts";
import { serviceEvents } from "./delivery/bus.ts";
import { delivering } from "./delivery/delivering.ts";
import { schedules } from "./delivery/schedules.ts";
import * as buses from "./operations/buses.ts";
import { putEvents } from "./operations/put-events.ts";
import {
  deleteRule,
  describeRule,
  disableRule,
  enableRule,
  listRuleNamesByTarget,
  listRules,
  listTagsForResource,
  putRule,
  tagResource,
  testEventPattern,
  untagResource,
} from "./operations/rules.ts";
import * as targets from "./operations/targets.ts";
import { recentEvents } from "./recent-route.ts";
import { eventBus, eventBusPolicy } from "./resources/bus.ts";
import { rule } from "./resources/rule.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

/** EventBridge: what services and users tell, and who is told of it. */
export const events = defineService<Sdk>({
  id: "events",
  scope: "regional",
  tables,
  operations: {
    ...buses,
    ...targets,
    deleteRule,
    describeRule,
    disableRule,
    enableRule,
    listRuleNamesByTarget,
    listRules,
    listTagsForResource,
    putEvents,
    putRule,
    tagResource,
    testEventPattern,
    untagResource,
  },
  controllers: [delivering, schedules],
  subscriptions: [serviceEvents],
  routes: [recentEvents],
  resources: {
    "AWS::Events::EventBus": eventBus,
    "AWS::Events::EventBusPolicy": eventBusPolicy,
    "AWS::Events::Rule": rule,
  },
});
