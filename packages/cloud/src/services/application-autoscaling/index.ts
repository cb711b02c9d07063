import { defineService } from "../../kernel/service.ts";
import * as policies from "./operations/policies.ts";
import * as scheduledActions from "./operations/scheduled-actions.ts";
import {
  deregisterScalableTarget,
  describeScalableTargets,
  listTagsForResource,
  registerScalableTarget,
  tagResource,
  untagResource,
} from "./operations/targets.ts";
import { alarms, policyAlarms } from "./policies/alarms.ts";
import { scalableTarget } from "./resources/scalable-target.ts";
import { scalingPolicy } from "./resources/scaling-policy.ts";
import { scheduledScaling } from "./scheduled-scaling.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

export const applicationAutoscaling = defineService<Sdk>({
  id: "application-autoscaling",
  scope: "regional",
  tables,
  operations: {
    ...policies,
    ...scheduledActions,
    deregisterScalableTarget,
    describeScalableTargets,
    listTagsForResource,
    registerScalableTarget,
    tagResource,
    untagResource,
  },
  controllers: [alarms.controller, policyAlarms, scheduledScaling],
  subscriptions: [alarms.subscription],
  resources: {
    "AWS::ApplicationAutoScaling::ScalableTarget": scalableTarget,
    "AWS::ApplicationAutoScaling::ScalingPolicy": scalingPolicy,
  },
});
