import type { Context } from "../../../kernel/context.ts";
import { pageOf, pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { resourceOf, taskDefinitionArn } from "../arns.ts";
import { errors, invalidToken } from "../errors.ts";
import type { StoredTaskDefinition } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { lookUpDefinition, tables } from "../store.ts";
import { readTags, tagList } from "../tags.ts";
import { completeDefinition } from "../task-definition/complete.ts";
import { registrationProblem } from "../task-definition/rules.ts";

/** @throws AwsError `ClientException` for one that is not there */
function findDefinition(ctx: Context, nameOrArn: string): StoredTaskDefinition {
  const found = lookUpDefinition(ctx, nameOrArn);
  if (found === undefined) throw errors.ClientException("Unable to describe task definition.");
  return found;
}

function save(ctx: Context, stored: StoredTaskDefinition): void {
  ctx.table(tables.definitions).put([stored.definition.family, stored.definition.revision], stored);
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html */
export const registerTaskDefinition: Handler<Sdk, "registerTaskDefinition"> = (ctx, input) => {
  const problem = registrationProblem(input);
  if (problem !== undefined) throw errors.ClientException(problem);
  const { family } = input;
  const revision = (ctx.table(tables.families).get(family) ?? 0) + 1;
  const stored: StoredTaskDefinition = {
    definition: completeDefinition(input, {
      family,
      revision,
      taskDefinitionArn: taskDefinitionArn(ctx, family, revision),
      registeredAt: new Date(ctx.now),
      registeredBy: ctx.principal.arn,
    }),
    tags: readTags(input.tags),
  };
  ctx.table(tables.families).put(family, revision);
  save(ctx, stored);
  return { taskDefinition: stored.definition, tags: tagList(stored.tags) };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html */
export const describeTaskDefinition: Handler<Sdk, "describeTaskDefinition"> = (ctx, input) => {
  const { definition, tags } = findDefinition(ctx, input.taskDefinition);
  return { taskDefinition: definition, ...(input.include?.includes("TAGS") === true && { tags: tagList(tags) }) };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html */
export const deregisterTaskDefinition: Handler<Sdk, "deregisterTaskDefinition"> = (ctx, input) => {
  if (!/:\d+$/.test(input.taskDefinition)) throw errors.ClientException("Invalid revision number. Number: null");
  const found = lookUpDefinition(ctx, input.taskDefinition);
  if (found === undefined) throw errors.ClientException("The specified task definition does not exist.");
  if (found.definition.status !== "ACTIVE") return { taskDefinition: found.definition };
  const definition = { ...found.definition, status: "INACTIVE" as const, deregisteredAt: new Date(ctx.now) };
  save(ctx, { ...found, definition });
  return { taskDefinition: definition };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteTaskDefinitions.html */
export const deleteTaskDefinitions: Handler<Sdk, "deleteTaskDefinitions"> = (ctx, input) => {
  if (input.taskDefinitions.length < 1 || input.taskDefinitions.length > 10)
    throw errors.InvalidParameterException("taskDefinitions must have between 1 and 10 elements.");
  const deleted: StoredTaskDefinition["definition"][] = [];
  const failures: { arn: string; reason: string; detail?: string }[] = [];
  for (const name of input.taskDefinitions) {
    const found = /:\d+$/.test(name) ? lookUpDefinition(ctx, name) : undefined;
    if (found === undefined) {
      failures.push({
        arn: name,
        reason:
          "The specified task definition does not exist. Specify a valid account, family, revision and try again.",
      });
    } else if (found.definition.status === "ACTIVE") {
      failures.push({
        arn: found.definition.taskDefinitionArn,
        reason: "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
      });
    } else {
      // What still runs of it goes on: the row stays, and is told of as being deleted.
      const definition = {
        ...found.definition,
        status: "DELETE_IN_PROGRESS" as const,
        deleteRequestedAt: new Date(ctx.now),
      };
      save(ctx, { ...found, definition });
      deleted.push(definition);
    }
  }
  return { taskDefinitions: deleted, failures };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitions.html */
export const listTaskDefinitions: Handler<Sdk, "listTaskDefinitions"> = (ctx, input) => {
  const status = input.status ?? "ACTIVE";
  const family = input.familyPrefix;
  function* matching(options: {
    readonly after?: [string, number];
  }): Generator<[[string, number], StoredTaskDefinition]> {
    const entries = ctx
      .table(tables.definitions)
      .entries({ ...options, reverse: input.sort === "DESC", ...(family !== undefined && { prefix: [family] }) });
    for (const entry of entries) if (entry[1].definition.status === status) yield entry;
  }
  const { items, next } = pageOf(matching, input.nextToken, input.maxResults ?? 100, invalidToken);
  return { taskDefinitionArns: items.map(({ definition }) => definition.taskDefinitionArn), nextToken: next };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitionFamilies.html */
export const listTaskDefinitionFamilies: Handler<Sdk, "listTaskDefinitionFamilies"> = (ctx, input) => {
  const status = input.status ?? "ACTIVE";
  const definitions = ctx.table(tables.definitions);
  const families = [...ctx.table(tables.families).keys({ startsWith: input.familyPrefix ?? "" })].filter((family) => {
    if (status === "ALL") return true;
    const statuses = [...definitions.values({ prefix: [family] })].map(({ definition }) => definition.status);
    return statuses.includes("ACTIVE") === (status === "ACTIVE");
  });
  const { items, next } = pageOfList(families, input.nextToken, input.maxResults ?? 100, invalidToken);
  return { families: items, nextToken: next };
};

/** The task definition that an ARN names, for its tags. */
export function definitionOfArn(ctx: Context, arn: string): StoredTaskDefinition | undefined {
  return resourceOf(arn)?.startsWith("task-definition/") === true ? lookUpDefinition(ctx, arn) : undefined;
}
