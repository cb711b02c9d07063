import type { LifecycleHookSpecification } from "@aws-sdk/client-auto-scaling";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { completeHook } from "../apply/hooks.ts";
import { errors, refuse } from "../errors.ts";
import type { Group } from "../model/group.ts";
import { globalTimeoutSeconds } from "../model/hook.ts";
import type { Hook, HookTransition } from "../model/hook.ts";
import type { GroupInstance, HookWait } from "../model/instance.ts";
import { isTopic, tryTopic } from "../notifications/notices.ts";
import type { Sdk } from "../sdk.ts";
import { changeInstance, findGroup, findLiveGroup, hooksOf, instancesOf, tables } from "../store.ts";

const transitions: readonly HookTransition[] = [
  "autoscaling:EC2_INSTANCE_LAUNCHING",
  "autoscaling:EC2_INSTANCE_TERMINATING",
];

/** Inside a transaction. */
export function putHook(ctx: Context, group: Group, given: Partial<LifecycleHookSpecification>): void {
  const { LifecycleHookName: name = "" } = given;
  const before = ctx.table(tables.hooks).get([group.name, name]);
  const transition = (given.LifecycleTransition ?? before?.transition) as HookTransition | undefined;
  if (!/^[A-Za-z0-9\-_/]{1,255}$/.test(name))
    throw errors.ValidationError(
      "Lifecycle hook names must have letters, digits, hyphens, underscores and slashes only.",
    );
  if (transition === undefined)
    throw errors.ValidationError("LifecycleTransition is required to create a lifecycle hook.");
  if (!transitions.includes(transition)) throw refuse(`lifecycle hooks for the transition ${transition}`);
  const topic = given.NotificationTargetARN ?? before?.topic;
  if (topic && !isTopic(topic)) throw refuse(`notification targets of lifecycle hooks other than topics: ${topic}`);
  const heartbeatSeconds = given.HeartbeatTimeout ?? before?.heartbeatSeconds ?? 3600;
  if (heartbeatSeconds < 30 || heartbeatSeconds > 7200)
    throw errors.ValidationError("HeartbeatTimeout must be between 30 and 7200 seconds.");
  const defaultResult = given.DefaultResult ?? before?.defaultResult ?? "ABANDON";
  if (defaultResult !== "CONTINUE" && defaultResult !== "ABANDON")
    throw errors.ValidationError("Lifecycle action default result must be either CONTINUE or ABANDON.");
  ctx.table(tables.hooks).put([group.name, name], {
    name,
    group: group.name,
    transition,
    heartbeatSeconds,
    defaultResult,
    metadata: given.NotificationMetadata ?? before?.metadata,
    // An empty text takes the topic away.
    topic: topic || undefined,
    roleArn: given.RoleARN ?? before?.roleArn,
  });
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html */
export const putLifecycleHook: Handler<Sdk, "putLifecycleHook"> = async (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  const { NotificationTargetARN: topic } = input;
  if (topic && isTopic(topic)) await tryTopic(ctx, group, topic);
  ctx.transaction(() => putHook(ctx, findLiveGroup(ctx, group.name), input));
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteLifecycleHook.html */
export const deleteLifecycleHook: Handler<Sdk, "deleteLifecycleHook"> = (ctx, input) => {
  const { LifecycleHookName: name } = input;
  const group = findGroup(ctx, input.AutoScalingGroupName);
  if (!ctx.table(tables.hooks).delete([group.name, name]))
    throw errors.ValidationError(`No Lifecycle Hook found with name: ${name} in AutoScalingGroup: ${group.name}`);
  // What waits for it goes on: as AWS does, with ABANDON for launches and CONTINUE for terminations.
  for (const instance of instancesOf(ctx, group.name))
    completeHook(ctx, instance, name, instance.lifecycle === "Pending:Wait" ? "ABANDON" : "CONTINUE");
  return {};
};

function show(hook: Hook) {
  return {
    LifecycleHookName: hook.name,
    AutoScalingGroupName: hook.group,
    LifecycleTransition: hook.transition,
    NotificationMetadata: hook.metadata,
    NotificationTargetARN: hook.topic,
    RoleARN: hook.roleArn,
    HeartbeatTimeout: hook.heartbeatSeconds,
    GlobalTimeout: globalTimeoutSeconds(hook),
    DefaultResult: hook.defaultResult,
  };
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLifecycleHooks.html */
export const describeLifecycleHooks: Handler<Sdk, "describeLifecycleHooks"> = (ctx, input) => {
  const group = findGroup(ctx, input.AutoScalingGroupName);
  const { LifecycleHookNames: names = [] } = input;
  const wanted = hooksOf(ctx, group.name).filter(({ name }) => names.length === 0 || names.includes(name));
  return { LifecycleHooks: wanted.map(show) };
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLifecycleHookTypes.html */
export const describeLifecycleHookTypes: Handler<Sdk, "describeLifecycleHookTypes"> = () => ({
  LifecycleHookTypes: [...transitions],
});

/** The instance that waits for a hook, which a request names by the token or by the instance. */
function findWait(
  ctx: Context,
  input: {
    readonly AutoScalingGroupName: string;
    readonly LifecycleHookName: string;
    readonly LifecycleActionToken?: string | undefined;
    readonly InstanceId?: string | undefined;
  },
): { readonly instance: GroupInstance; readonly wait: HookWait } {
  const { LifecycleActionToken: token, InstanceId: id, LifecycleHookName: hook } = input;
  const group = findGroup(ctx, input.AutoScalingGroupName);
  if (token === undefined && id === undefined)
    throw errors.ValidationError("Either LifecycleActionToken or InstanceId must be provided.");
  for (const instance of instancesOf(ctx, group.name)) {
    const wait = instance.waits.find((one) => one.hook === hook && (token === undefined || one.token === token));
    if (wait !== undefined && (id === undefined || instance.id === id)) return { instance, wait };
  }
  throw errors.ValidationError(
    id === undefined
      ? `No active Lifecycle Action found with token ${token}`
      : `No active Lifecycle Action found with instance ID ${id}`,
  );
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html */
export const completeLifecycleAction: Handler<Sdk, "completeLifecycleAction"> = (ctx, input) => {
  const { LifecycleActionResult: result } = input;
  if (result !== "CONTINUE" && result !== "ABANDON")
    throw errors.ValidationError("Lifecycle action result must be either CONTINUE or ABANDON.");
  const { instance, wait } = findWait(ctx, input);
  completeHook(ctx, instance, wait.hook, result);
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RecordLifecycleActionHeartbeat.html */
export const recordLifecycleActionHeartbeat: Handler<Sdk, "recordLifecycleActionHeartbeat"> = (ctx, input) => {
  const { instance, wait } = findWait(ctx, input);
  const renewed = { ...wait, deadline: ctx.now + wait.heartbeatSeconds * 1000 };
  changeInstance(ctx, instance, (row) => ({
    ...row,
    waits: row.waits.map((one) => (one.token === wait.token ? renewed : one)),
  }));
  return {};
};
