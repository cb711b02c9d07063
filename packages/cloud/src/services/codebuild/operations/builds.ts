import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { buildIdOf, limits } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findProject, tables } from "../store.ts";

const buildsPerPage = 100;

/** @throws AwsError `InvalidInputException` */
function checkIds(ids: readonly string[]): void {
  if (ids.length < 1 || ids.length > limits.namesPerCall) {
    throw errors.InvalidInputException(`Invalid build IDs: give 1 to ${limits.namesPerCall} of them.`);
  }
  const wrong = ids.find((id) => !buildIdOf(id).includes(":"));
  if (wrong !== undefined) throw errors.InvalidInputException(`Invalid build ID provided: ${wrong}`);
}

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetBuilds.html */
export const batchGetBuilds: Handler<Sdk, "batchGetBuilds"> = (ctx, input) => {
  checkIds(input.ids);
  const found = input.ids.map((id) => ({ id, stored: ctx.table(tables.builds).get(buildIdOf(id)) }));
  return {
    builds: found.flatMap(({ stored }) => (stored === undefined ? [] : [stored.build])),
    buildsNotFound: found.flatMap(({ id, stored }) => (stored === undefined ? [id] : [])),
  };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListBuilds.html */
export const listBuilds: Handler<Sdk, "listBuilds"> = (ctx, input) => {
  const reverse = input.sortOrder !== "ASCENDING";
  const { items, next } = pageOf<[number, string], string>(
    (options) => ctx.table(tables.buildsByTime).entries({ ...options, reverse }),
    input.nextToken,
    buildsPerPage,
    errors.InvalidInputException,
  );
  return { ids: items, nextToken: next };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListBuildsForProject.html */
export const listBuildsForProject: Handler<Sdk, "listBuildsForProject"> = (ctx, input) => {
  const { name } = findProject(ctx, input.projectName);
  const reverse = input.sortOrder !== "ASCENDING";
  const { items, next } = pageOf<[string, number], string>(
    (options) => ctx.table(tables.buildsByProject).entries({ ...options, prefix: [name], reverse }),
    input.nextToken,
    buildsPerPage,
    errors.InvalidInputException,
  );
  return { ids: items, nextToken: next };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchDeleteBuilds.html */
export const batchDeleteBuilds: Handler<Sdk, "batchDeleteBuilds"> = (ctx, input) => {
  checkIds(input.ids);
  const buildsDeleted: string[] = [];
  const buildsNotDeleted: { id: string; statusCode: string }[] = [];
  for (const id of input.ids) {
    const stored = ctx.table(tables.builds).get(buildIdOf(id));
    if (stored?.state !== "complete") {
      buildsNotDeleted.push({ id, statusCode: stored === undefined ? "BUILD_NOT_FOUND" : "BUILD_IN_PROGRESS" });
      continue;
    }
    const { build } = stored;
    ctx.table(tables.builds).delete(build.id);
    ctx.table(tables.buildsByTime).delete([build.startTime?.getTime() ?? 0, build.id]);
    ctx.table(tables.buildsByProject).delete([build.projectName, build.buildNumber ?? 0]);
    buildsDeleted.push(build.arn);
  }
  return { buildsDeleted, buildsNotDeleted };
};
