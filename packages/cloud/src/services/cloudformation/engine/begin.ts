import type { OnFailure } from "@aws-sdk/client-cloudformation";
import { partitionOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { StackIdentity } from "../environment.ts";
import { errors } from "../errors.ts";
import { stackType } from "../model.ts";
import type { Desired, Operation, Phase, Stack } from "../model.ts";
import type { Requested } from "../requested.ts";
import { putStatus, resourcesOf, tables } from "../store.ts";
import { importersOf } from "./finish.ts";
import { statusIn } from "./phases.ts";

/** How long a call holds its answer, so that who looks at once afterwards finds the work done. */
const holdMs = 2000;

export function newIdentity(ctx: Context, name: string): StackIdentity {
  if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name)) {
    throw errors.ValidationError(
      `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
    );
  }
  return {
    name,
    id: `arn:${partitionOf(ctx.region)}:cloudformation:${ctx.region}:${ctx.account}:stack/${name}/${ctx.ids.uuid()}`,
  };
}

export interface BeginOptions {
  readonly onFailure?: OnFailure | undefined;
  readonly clientRequestToken?: string | undefined;
  readonly changeSetId?: string | undefined;
  readonly retainExceptOnCreate?: boolean | undefined;
  readonly skipped?: readonly string[] | undefined;
  readonly force?: boolean;
}

export interface NewStackOptions {
  readonly terminationProtection?: boolean | undefined;
  readonly timeoutMinutes?: number | undefined;
  readonly parent?: Stack | undefined;
}

/** A stack that has nothing yet. */
export function newStack(
  ctx: Context,
  identity: StackIdentity,
  desired: Desired,
  options: NewStackOptions = {},
): Stack {
  const { parent } = options;
  return {
    ...desired,
    id: identity.id,
    name: identity.name,
    status: "REVIEW_IN_PROGRESS",
    statusReason: undefined,
    createdAt: ctx.now,
    updatedAt: undefined,
    deletedAt: undefined,
    disableRollback: false,
    terminationProtection: options.terminationProtection ?? false,
    timeoutMinutes: options.timeoutMinutes,
    outputs: [],
    changeSetId: undefined,
    parentId: parent?.id,
    rootId: parent === undefined ? undefined : (parent.rootId ?? parent.id),
    lastToken: undefined,
    series: undefined,
  };
}

function begin(
  ctx: Context,
  stack: Stack,
  phase: Phase,
  desired: Desired | undefined,
  options: BeginOptions,
  reason?: string,
): void {
  const token = ctx.ids.uuid();
  const series = stack.series ?? token;
  const onFailure = options.onFailure ?? "ROLLBACK";
  const { timeoutMinutes } = stack;
  const operation: Operation = {
    stackId: stack.id,
    token,
    series,
    phase,
    tasks: {},
    failures: [],
    desired,
    onFailure,
    cancelled: undefined,
    skipped: options.skipped ?? [],
    force: options.force ?? false,
    retainExceptOnCreate: options.retainExceptOnCreate ?? false,
    changeSetId: options.changeSetId,
    clientRequestToken: options.clientRequestToken,
    deadline: timeoutMinutes === undefined ? undefined : ctx.now + timeoutMinutes * 60_000,
    idle: false,
  };
  ctx.table(tables.operations).put(stack.id, operation);
  putStatus(ctx, { ...stack, series }, statusIn[phase], reason);
}

/** Begins to create a stack that {@link newStack} has made. In a transaction. */
export function beginCreate(
  ctx: Context,
  stack: Stack,
  { text, desired }: Pick<Requested, "text" | "desired">,
  options: BeginOptions,
): void {
  ctx.table(tables.names).put(stack.name, stack.id);
  ctx.table(tables.templates).put([stack.id, "current"], text);
  const disableRollback = options.onFailure === "DO_NOTHING";
  begin(
    ctx,
    { ...stack, ...desired, disableRollback, changeSetId: options.changeSetId },
    "create",
    undefined,
    options,
    "User Initiated",
  );
}

/** Begins to change a stack. In a transaction. */
export function beginUpdate(
  ctx: Context,
  stack: Stack,
  { text, desired }: Pick<Requested, "text" | "desired">,
  options: BeginOptions,
): void {
  ctx.table(tables.templates).put([stack.id, "next"], text);
  begin(
    ctx,
    { ...stack, disableRollback: options.onFailure === "DO_NOTHING" },
    "update",
    desired,
    options,
    "User Initiated",
  );
}

/** Begins to undo what a failed update or creation has done. In a transaction. */
export function beginRollback(
  ctx: Context,
  stack: Stack,
  phase: "update-rollback" | "create-rollback",
  options: BeginOptions,
): void {
  begin(ctx, stack, phase, undefined, options, "User Initiated");
}

/** Begins to delete a stack, unless others import what it exports. In a transaction. */
export function beginDelete(ctx: Context, stack: Stack, options: BeginOptions): void {
  for (const { exportName } of stack.outputs) {
    const users = exportName === undefined ? [] : importersOf(ctx, exportName);
    if (users.length > 0) {
      putStatus(
        ctx,
        stack,
        "DELETE_FAILED",
        `Delete canceled. Cannot delete export ${exportName} as it is in use by ${users.join(", ")}.`,
      );
      return;
    }
  }
  begin(ctx, stack, "delete", undefined, options, "User Initiated");
}

/** Resolves when nothing happens to the stack any more, when it waits for something that takes its time, or after two seconds. */
export async function hold(ctx: Context, stackId: string): Promise<void> {
  await ctx.until(() => (isResting(ctx, stackId) ? true : undefined), ctx.as({}).now + holdMs);
}

/** Whether nothing happens to a stack now. One that waits for a nested stack rests while that one does. */
function isResting(ctx: Context, stackId: string): boolean {
  const operation = ctx.table(tables.operations).get(stackId);
  if (operation === undefined) return true;
  if (!operation.idle) return false;
  const nested = resourcesOf(ctx, stackId).filter(
    ({ type, status }) => type === stackType && status.endsWith("_IN_PROGRESS"),
  );
  return nested.every(({ physicalId, pending }) => {
    const id = physicalId ?? pending?.physicalId;
    // One that has just ended makes its parent go on.
    return id !== undefined && ctx.table(tables.operations).has(id) && isResting(ctx, id);
  });
}
