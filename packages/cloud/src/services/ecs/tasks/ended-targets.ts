import type { Task } from "./model.ts";

type Seen = Pick<Task, "containers" | "registered" | "service">;

/** Where nobody serves a task's targets any more, since a container that target groups lead to has ended. */
export function endedTargets(before: Seen, after: Pick<Task, "containers">): readonly string[] {
  const stillRun = new Set(after.containers.filter(({ status }) => status === "RUNNING").map(({ name }) => name));
  const ended = before.containers.filter(({ name, status }) => status === "RUNNING" && !stillRun.has(name));
  const groups = new Set(
    (before.service?.targetGroups ?? [])
      .filter(({ containerName }) => ended.some(({ name }) => name === containerName))
      .map(({ targetGroupArn }) => targetGroupArn),
  );
  return [...new Set(before.registered.filter(({ targetGroupArn }) => groups.has(targetGroupArn)).map(({ id }) => id))];
}
