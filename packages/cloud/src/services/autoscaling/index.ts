import { defineService } from "../../kernel/service.ts";
import { groups } from "./controller.ts";
import { measuring } from "./measuring.ts";
import { notices } from "./notifications/notices.ts";
import * as account from "./operations/account.ts";
import { describeScalingActivities } from "./operations/activities.ts";
import { attachInstances, detachInstances } from "./operations/attach-instances.ts";
import { describeAutoScalingGroups, describeAutoScalingInstances } from "./operations/describe-groups.ts";
import {
  createAutoScalingGroup,
  deleteAutoScalingGroup,
  setDesiredCapacity,
  updateAutoScalingGroup,
} from "./operations/groups.ts";
import * as refreshes from "./operations/instance-refreshes.ts";
import {
  setInstanceHealth,
  setInstanceProtection,
  terminateInstanceInAutoScalingGroup,
} from "./operations/instances.ts";
import * as configurations from "./operations/launch-configurations.ts";
import {
  completeLifecycleAction,
  deleteLifecycleHook,
  describeLifecycleHookTypes,
  describeLifecycleHooks,
  putLifecycleHook,
  recordLifecycleActionHeartbeat,
} from "./operations/lifecycle-hooks.ts";
import * as notifications from "./operations/notifications.ts";
import * as policies from "./operations/policies.ts";
import * as processes from "./operations/processes.ts";
import * as scheduledActions from "./operations/scheduled-actions.ts";
import { enterStandby, exitStandby } from "./operations/standby.ts";
import { createOrUpdateTags, deleteTags, describeTags } from "./operations/tags.ts";
import {
  attachLoadBalancerTargetGroups,
  attachTrafficSources,
  describeLoadBalancerTargetGroups,
  describeLoadBalancers,
  describeTrafficSources,
  detachLoadBalancerTargetGroups,
  detachTrafficSources,
} from "./operations/traffic-sources.ts";
import { alarms, policyAlarms } from "./policies/alarms.ts";
import { autoScalingGroup } from "./resources/auto-scaling-group.ts";
import { launchConfiguration } from "./resources/launch-configuration.ts";
import { lifecycleHook, scalingPolicy, scheduledAction } from "./resources/scaling.ts";
import { scheduling } from "./scheduling.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";
import { subscriptions } from "./subscriptions.ts";

export const autoscaling = defineService<Sdk>({
  id: "autoscaling",
  scope: "regional",
  tables,
  operations: {
    ...account,
    ...configurations,
    ...notifications,
    ...policies,
    ...processes,
    ...refreshes,
    ...scheduledActions,
    attachInstances,
    attachLoadBalancerTargetGroups,
    attachTrafficSources,
    completeLifecycleAction,
    createAutoScalingGroup,
    createOrUpdateTags,
    deleteAutoScalingGroup,
    deleteLifecycleHook,
    deleteTags,
    describeAutoScalingGroups,
    describeAutoScalingInstances,
    describeLifecycleHooks,
    describeLifecycleHookTypes,
    describeLoadBalancerTargetGroups,
    describeLoadBalancers,
    describeScalingActivities,
    describeTags,
    describeTrafficSources,
    detachInstances,
    detachLoadBalancerTargetGroups,
    detachTrafficSources,
    enterStandby,
    exitStandby,
    putLifecycleHook,
    recordLifecycleActionHeartbeat,
    setDesiredCapacity,
    setInstanceHealth,
    setInstanceProtection,
    terminateInstanceInAutoScalingGroup,
    updateAutoScalingGroup,
  },
  controllers: [alarms.controller, groups, measuring, notices, policyAlarms, scheduling],
  subscriptions: [...subscriptions, alarms.subscription],
  resources: {
    "AWS::AutoScaling::AutoScalingGroup": autoScalingGroup,
    "AWS::AutoScaling::LaunchConfiguration": launchConfiguration,
    "AWS::AutoScaling::LifecycleHook": lifecycleHook,
    "AWS::AutoScaling::ScalingPolicy": scalingPolicy,
    "AWS::AutoScaling::ScheduledAction": scheduledAction,
  },
});
