import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { shortNameOf, taskArn } from "../arns.ts";
import { errors, invalidToken } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { activeTasks, findCluster, findService, findTask, stoppedTasks } from "../store.ts";
import { describeTask } from "../tasks/describe.ts";
import type { Task } from "../tasks/model.ts";
import { saveTask } from "../tasks/save.ts";
import { withStop } from "../tasks/transitions.ts";

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html */
export const describeTasks: Handler<Sdk, "describeTasks"> = (ctx, input) => {
  const cluster = findCluster(ctx, input.cluster);
  if (input.tasks.length === 0) throw errors.InvalidParameterException("Tasks cannot be empty.");
  if (input.tasks.length > 100) throw errors.InvalidParameterException("Tasks cannot have more than 100 elements.");
  const tags = input.include?.includes("TAGS") ?? false;
  const found: Task[] = [];
  const failures: { arn: string; reason: string }[] = [];
  for (const name of input.tasks) {
    const task = findTask(ctx, cluster.name, name);
    if (task === undefined) failures.push({ arn: taskArn(ctx, cluster.name, shortNameOf(name)), reason: "MISSING" });
    else found.push(task);
  }
  return { tasks: found.map((task) => describeTask(ctx, task, { tags })), failures };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html */
export const listTasks: Handler<Sdk, "listTasks"> = (ctx, input) => {
  const cluster = findCluster(ctx, input.cluster);
  const { family, startedBy, launchType, desiredStatus = "RUNNING" } = input;
  const service = input.serviceName === undefined ? undefined : shortNameOf(input.serviceName);
  if (service !== undefined && findService(ctx, cluster.name, service) === undefined)
    throw errors.ServiceNotFoundException("Service not found.");
  // Tasks run on no container instance, and no task is wanted to be pending.
  if (input.containerInstance !== undefined || input.daemonName !== undefined || desiredStatus === "PENDING")
    return { taskArns: [] };
  const matching: string[] = [];
  const take = (tasks: Iterable<Task>) => {
    for (const task of tasks)
      if (
        task.desiredStatus === desiredStatus &&
        (family === undefined || task.family === family) &&
        (startedBy === undefined || task.startedBy === startedBy) &&
        (launchType === undefined || task.launchType === launchType)
      )
        matching.push(taskArn(ctx, cluster.name, task.id));
  };
  take(activeTasks(ctx, cluster.name, service));
  if (desiredStatus === "STOPPED") take(stoppedTasks(ctx, cluster.name, service));
  const { items, next } = pageOfList(matching, input.nextToken, input.maxResults ?? 100, invalidToken);
  return { taskArns: items, nextToken: next };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html */
export const stopTask: Handler<Sdk, "stopTask"> = (ctx, input) => {
  const cluster = findCluster(ctx, input.cluster);
  const task = findTask(ctx, cluster.name, input.task);
  if (task === undefined) throw errors.InvalidParameterException("The referenced task was not found.");
  const stopped = withStop(task, {
    code: "UserInitiated",
    reason: input.reason ?? "Task stopped by user",
    at: ctx.now,
  });
  return { task: describeTask(ctx, stopped === task ? task : saveTask(ctx, stopped)) };
};

const defaultProtectionMinutes = 120;

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html */
export const updateTaskProtection: Handler<Sdk, "updateTaskProtection"> = (ctx, input) => {
  const cluster = findCluster(ctx, input.cluster);
  const minutes = input.expiresInMinutes ?? defaultProtectionMinutes;
  if (minutes < 1 || minutes > 2880)
    throw errors.InvalidParameterException("expiresInMinutes must be between 1 and 2880.");
  const protectedUntil = input.protectionEnabled ? ctx.now + minutes * 60_000 : undefined;
  const failures: { arn: string; reason: string; detail?: string }[] = [];
  const protectedTasks: ReturnType<typeof protection>[] = [];
  for (const name of input.tasks) {
    const task = findTask(ctx, cluster.name, name);
    const arn = taskArn(ctx, cluster.name, shortNameOf(name));
    if (task === undefined) failures.push({ arn, reason: "MISSING" });
    else if (task.service === undefined)
      failures.push({ arn, reason: "TASK_NOT_VALID", detail: "The task is not a service's task." });
    else if (task.desiredStatus === "STOPPED")
      failures.push({ arn, reason: "TASK_NOT_VALID", detail: "The task is stopping or has stopped." });
    else protectedTasks.push(protection(arn, saveTask(ctx, { ...task, protectedUntil }), ctx.now));
  }
  return { protectedTasks, failures };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_GetTaskProtection.html */
export const getTaskProtection: Handler<Sdk, "getTaskProtection"> = (ctx, input) => {
  const cluster = findCluster(ctx, input.cluster);
  const asked = input.tasks ?? [...activeTasks(ctx, cluster.name)].map(({ id }) => id);
  const failures: { arn: string; reason: string }[] = [];
  const protectedTasks: ReturnType<typeof protection>[] = [];
  for (const name of asked) {
    const task = findTask(ctx, cluster.name, name);
    const arn = taskArn(ctx, cluster.name, shortNameOf(name));
    if (task === undefined) failures.push({ arn, reason: "MISSING" });
    else protectedTasks.push(protection(arn, task, ctx.now));
  }
  return { protectedTasks, failures };
};

function protection(arn: string, { protectedUntil }: Task, now: number) {
  const isProtected = protectedUntil !== undefined && now < protectedUntil;
  return {
    taskArn: arn,
    protectionEnabled: isProtected,
    ...(isProtected && { expirationDate: new Date(protectedUntil) }),
  };
}
