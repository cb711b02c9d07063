import type { CloudEvent, Context } from "../../../kernel/context.ts";
import { taskArn } from "../arns.ts";
import { describeTask } from "./describe.ts";
import type { Task } from "./model.ts";

/**
 * What it tells is made only if somebody reads it.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
 */
export function taskStateChange(ctx: Context, task: Task): CloudEvent {
  let detail: Record<string, unknown> | undefined;
  return {
    source: "aws.ecs",
    detailType: "ECS Task State Change",
    resources: [taskArn(ctx, task.cluster, task.id)],
    get detail() {
      return (detail ??= detailOf(ctx, task));
    },
  };
}

function detailOf(ctx: Context, task: Task): Record<string, unknown> {
  const { tags: _, ...told } = describeTask(ctx, task);
  // As JSON has them: dates as texts.
  return JSON.parse(JSON.stringify({ ...told, updatedAt: new Date(ctx.now) })) as Record<string, unknown>;
}
