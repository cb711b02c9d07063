import type { Context } from "../../../kernel/context.ts";
import { errors } from "../errors.ts";
import { findStack, tables } from "../store.ts";
import type { ChangeSet } from "./change-set.ts";

/** Finds a change set by its ARN, or by its name and its stack. */
export function lookUpChangeSet(ctx: Context, name: string, stackName: string | undefined): ChangeSet | undefined {
  if (name.startsWith("arn:")) {
    const key = ctx.table(tables.changeSetIds).get(name);
    return key === undefined ? undefined : ctx.table(tables.changeSets).get(key);
  }
  if (stackName === undefined)
    throw errors.ValidationError("StackName must be specified if ChangeSetName is not specified as an ARN.");
  const stack = findStack(ctx, stackName, `Stack [${stackName}] does not exist`);
  return ctx.table(tables.changeSets).get([stack.id, name]);
}

/** @throws AwsError `ChangeSetNotFound` */
export function findChangeSet(ctx: Context, name: string, stackName: string | undefined): ChangeSet {
  const found = lookUpChangeSet(ctx, name, stackName);
  if (found === undefined) throw errors.ChangeSetNotFound(`ChangeSet [${name}] does not exist`);
  return found;
}
