import { DescribeTasksCommand, paginateListTasks, type ECSClient, type Task } from "@aws-sdk/client-ecs";
import type { Millis } from "@trysail/core";
import type { ComputeInstance } from "../model.ts";

/** In a call, which is AWS's limit. */
const mostTasks = 100;
/** For how long one that has stopped is told of: why it is gone is asked for by the next looks. */
const toldAfterStopMs = 60_000;

/** All tasks of these families, those that end and have ended lately too: two listings, however many groups there are. */
export async function tasksOf(ecs: ECSClient, cluster: string, families: readonly string[]): Promise<readonly Task[]> {
  const listed = await Promise.all(
    families.flatMap((family) =>
      (["RUNNING", "STOPPED"] as const).map(async (desiredStatus) => {
        const arns: string[] = [];
        for await (const page of paginateListTasks(
          { client: ecs, pageSize: mostTasks },
          { cluster, family, desiredStatus },
        ))
          arns.push(...(page.taskArns ?? []));
        return arns;
      }),
    ),
  );
  // One that was stopped meanwhile is in both.
  const arns = [...new Set(listed.flat())];
  const pages = Array.from({ length: Math.ceil(arns.length / mostTasks) }, (_, page) =>
    arns.slice(page * mostTasks, (page + 1) * mostTasks),
  );
  const told = await Promise.all(pages.map((tasks) => ecs.send(new DescribeTasksCommand({ cluster, tasks }))));
  return told.flatMap(({ tasks = [] }) => tasks);
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html */
const starting: readonly string[] = ["PROVISIONING", "PENDING", "ACTIVATING"];

/**
 * Those of a group. What has stopped is told of for a minute, and not where no task is wanted, which is to be empty; of what
 * crashes again and again, no more than are wanted.
 */
export function toldOf(tasks: readonly Task[], desired: number, now: Millis): readonly Task[] {
  const stoppedAt = (task: Task): Millis => task.stoppedAt?.getTime() ?? 0;
  const stopped = tasks
    .filter((task) => task.lastStatus === "STOPPED" && now - stoppedAt(task) < toldAfterStopMs)
    .toSorted((one, other) => stoppedAt(other) - stoppedAt(one));
  return [...tasks.filter(({ lastStatus }) => lastStatus !== "STOPPED"), ...stopped.slice(0, desired)];
}

/** @param isChecked - whether its containers have health checks, before whose outcome it is not healthy */
export function instanceOf(task: Task, isChecked: boolean): ComputeInstance {
  const { taskArn = "", lastStatus = "", desiredStatus, healthStatus } = task;
  const isEnding = desiredStatus === "STOPPED";
  const lifecycle = isEnding
    ? "ending"
    : starting.includes(lastStatus)
      ? "starting"
      : lastStatus === "RUNNING"
        ? "running"
        : "ending";
  return {
    id: taskArn.split("/").at(-1) ?? taskArn,
    // The address of one that has stopped may be another's by now.
    target: lastStatus === "STOPPED" ? undefined : addressOf(task),
    lifecycle,
    isHealthy: lifecycle === "running" && (healthStatus === "HEALTHY" || (healthStatus !== "UNHEALTHY" && !isChecked)),
    reason:
      lifecycle === "ending" ? whyEnded(task) : healthStatus === "UNHEALTHY" ? "ECS finds it unhealthy" : undefined,
  };
}

/** Private, of IPv4. */
const addressOf = ({ attachments = [], containers = [] }: Task): string | undefined =>
  attachments
    .filter(({ type }) => type === "ElasticNetworkInterface")
    .flatMap(({ details = [] }) => details)
    .find(({ name }) => name === "privateIPv4Address")?.value ??
  containers.flatMap(({ networkInterfaces = [] }) => networkInterfaces)[0]?.privateIpv4Address;

/** With how its containers ended, in ECS's words. */
function whyEnded({ stoppedReason, containers = [] }: Task): string | undefined {
  if (stoppedReason === undefined) return undefined;
  const ends = containers.flatMap(({ name, reason, exitCode }) => {
    // Where a container cannot start, its reason is the task's.
    if (reason !== undefined) return reason === stoppedReason ? [] : [`${name}: ${reason}`];
    return exitCode === undefined || exitCode === 0 ? [] : [`${name}: exit code ${exitCode}`];
  });
  return [stoppedReason, ...ends].join("; ");
}
