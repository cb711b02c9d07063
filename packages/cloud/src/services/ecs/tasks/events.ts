import type { CloudEvent, Context } from "../../../kernel/context.ts";
import { taskArn } from "../arns.ts";
import { describeTask } from "./describe.ts";
import type { Task } from "./model.ts";

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html */
export function taskStateChange(ctx: Context, task: Task): CloudEvent {
  const { tags: _, ...told } = describeTask(ctx, task);
  // As JSON has them: dates as texts.
  const detail = JSON.parse(JSON.stringify({ ...told, updatedAt: new Date(ctx.now) })) as Record<string, unknown>;
  return {
    source: "aws.ecs",
    detailType: "ECS Task State Change",
    resources: [taskArn(ctx, task.cluster, task.id)],
    detail,
  };
}
