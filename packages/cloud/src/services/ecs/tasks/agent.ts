import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Route } from "../../../kernel/service.ts";
import type { HttpResponse } from "../../../wire/http.ts";
import { tables } from "../store.ts";
import { containerMetadata, taskMetadata } from "./metadata.ts";
import { agentPrefix } from "./metadata-uris.ts";
import { runtimeId } from "./model.ts";
import type { Task } from "./model.ts";

function json(status: number, body: unknown): HttpResponse {
  return { status, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(body)) };
}

const problem = (status: number, code: string, message: string) =>
  json(status, { code, message, HTTPErrorCode: status });

/**
 * What ECS's agent tells containers: their metadata, and the credentials of their task's role. Who knows the address is
 * the task: nobody else was told.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
 */
export const agent: Route = {
  name: "ecs-agent",
  match({ path }) {
    const found = /^\/_ecs\/(?<account>\d{12})\/(?<region>[^/]+)\/(?<secret>[0-9a-f]+)\/(?<rest>.*)$/.exec(
      path,
    )?.groups;
    if (!path.startsWith(agentPrefix) || found === undefined) return undefined;
    const { account = "", region = "", secret = "", rest = "" } = found;
    return { account, region, parameters: { secret, rest } };
  },
  async handle(ctx, request, { parameters: { secret = "", rest = "" } }) {
    const id = ctx.table(tables.secretIds).get(secret);
    const task = id === undefined ? undefined : ctx.table(tables.tasks).get(id);
    if (task === undefined || request.method !== "GET") return problem(404, "NotFound", "There is no such task.");
    if (rest === "credentials") {
      if (request.headers["authorization"] !== secret)
        return problem(401, "Unauthorized", "The authorization token is missing or wrong.");
      return credentials(ctx, task);
    }
    const [version, container = "", ...more] = rest.replace(/\/$/, "").split("/");
    const own = task.containers.find((one) => runtimeId(task, one) === container);
    if (version !== "v4" || own === undefined) return problem(404, "NotFound", `Nothing is at ${rest}.`);
    switch (more.join("/")) {
      case "":
        return json(200, containerMetadata(ctx, task, own));
      case "task":
        return json(200, taskMetadata(ctx, task, false));
      case "taskWithTags":
        return json(200, taskMetadata(ctx, task, true));
      default:
        return problem(
          501,
          "NotImplemented",
          `Trysail does not implement ${more.join("/")} of the task metadata endpoint.`,
        );
    }
  },
};

async function credentials(ctx: Context, task: Task): Promise<HttpResponse> {
  const definition = ctx.table(tables.definitions).get([task.family, task.revision])?.definition;
  const RoleArn = task.overrides.taskRoleArn ?? definition?.taskRoleArn;
  if (RoleArn === undefined) return problem(404, "NoTaskRole", "The task has no role.");
  const service = "ecs-tasks.amazonaws.com";
  const asTasks = ctx.as({
    principal: { type: "service", arn: `arn:aws:iam::aws:service/${service}`, userId: service },
  });
  try {
    const { Credentials: issued } = await asTasks.call.sts.assumeRole({ RoleArn, RoleSessionName: task.id });
    return json(200, {
      RoleArn,
      AccessKeyId: issued?.AccessKeyId,
      SecretAccessKey: issued?.SecretAccessKey,
      Token: issued?.SessionToken,
      Expiration: issued?.Expiration?.toISOString(),
    });
  } catch (error) {
    if (!isAwsError(error)) throw error;
    return problem(400, error.code, error.message);
  }
}
