import type { OnFailure } from "@aws-sdk/client-cloudformation";
import { commonErrors } from "../../../kernel/errors.ts";
import type { Handler } from "../../../kernel/service.ts";
import { planRequest } from "../changes/plan-request.ts";
import { beginCreate, beginDelete, beginRollback, beginUpdate, hold, newIdentity, newStack } from "../engine/begin.ts";
import { errors } from "../errors.ts";
import { updatable } from "../model.ts";
import type { Stack } from "../model.ts";
import { asValidationError, checkCapabilities, readRequest, refuseProblems } from "../requested.ts";
import type { Sdk } from "../sdk.ts";
import { findLiveStack, findStack, lookUpStack, tables } from "../store.ts";

/** What Trysail cannot honour is told, not dropped. */
export function refuseStackPolicy(input: {
  readonly StackPolicyBody?: string | undefined;
  readonly StackPolicyURL?: string | undefined;
}): void {
  if (input.StackPolicyBody !== undefined || input.StackPolicyURL !== undefined) {
    throw commonErrors.NotImplemented(
      "Trysail does not enforce stack policies: leave out StackPolicyBody and StackPolicyURL.",
    );
  }
}

export function refuseResourceTypes(input: { readonly ResourceTypes?: readonly string[] | undefined }): void {
  if ((input.ResourceTypes ?? []).length > 0) {
    throw commonErrors.NotImplemented(
      "Trysail does not restrict which types a template may use: leave out ResourceTypes.",
    );
  }
}

export function onFailureOf(disableRollback: boolean | undefined, onFailure: OnFailure | undefined): OnFailure {
  if (disableRollback !== undefined && onFailure !== undefined) {
    throw errors.ValidationError("You can specify either DisableRollback or OnFailure, but not both.");
  }
  return onFailure ?? (disableRollback === true ? "DO_NOTHING" : "ROLLBACK");
}

/** A stack that has failed without a rollback has nothing to roll back to until it is whole. */
export function refuseRollbackOfFailed(stack: Stack, disableRollback: boolean | undefined, api: string): void {
  if ((stack.status !== "CREATE_FAILED" && stack.status !== "UPDATE_FAILED") || disableRollback === true) return;
  throw errors.ValidationError(
    `This stack is currently in a non-terminal [${stack.status}] state. To update the stack from this state, please use the disable-rollback parameter with ${api} API. To rollback to the last known good state, use the rollback-stack API`,
  );
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
export const createStack: Handler<Sdk, "createStack"> = async (ctx, input) => {
  const name = input.StackName;
  const refuseExisting = () => {
    const existing = lookUpStack(ctx, name);
    if (existing !== undefined) throw errors.AlreadyExistsException(`Stack [${name}] already exists`);
  };
  refuseExisting();
  refuseStackPolicy(input);
  refuseResourceTypes(input);
  const onFailure = onFailureOf(input.DisableRollback, input.OnFailure);
  const identity = newIdentity(ctx, name);
  const requested = await readRequest(ctx, input, identity, undefined);
  checkCapabilities(requested, false);
  refuseProblems(ctx, requested);
  await asValidationError(() => planRequest(ctx, identity, undefined, requested));
  ctx.transaction(() => {
    refuseExisting();
    const stack = newStack(ctx, identity, requested.desired, {
      terminationProtection: input.EnableTerminationProtection,
      timeoutMinutes: input.TimeoutInMinutes,
    });
    beginCreate(ctx, stack, requested, {
      onFailure,
      clientRequestToken: input.ClientRequestToken,
      retainExceptOnCreate: input.RetainExceptOnCreate,
    });
  });
  await hold(ctx, identity.id);
  return { StackId: identity.id };
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html */
export const updateStack: Handler<Sdk, "updateStack"> = async (ctx, input) => {
  refuseStackPolicy(input);
  refuseResourceTypes(input);
  const find = () => {
    const stack = findLiveStack(ctx, input.StackName);
    if (!updatable.includes(stack.status))
      throw errors.ValidationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
    refuseRollbackOfFailed(stack, input.DisableRollback, "update-stack");
    return stack;
  };
  const stack = find();
  const requested = await readRequest(ctx, input, stack, stack);
  checkCapabilities(requested, false);
  refuseProblems(ctx, requested);
  const { isEmpty } = await asValidationError(() => planRequest(ctx, stack, stack, requested));
  if (isEmpty && stack.series === undefined) throw errors.ValidationError("No updates are to be performed.");
  ctx.transaction(() =>
    beginUpdate(ctx, find(), requested, {
      onFailure: input.DisableRollback === true ? "DO_NOTHING" : "ROLLBACK",
      clientRequestToken: input.ClientRequestToken,
      retainExceptOnCreate: input.RetainExceptOnCreate,
    }),
  );
  await hold(ctx, stack.id);
  return { StackId: stack.id };
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html */
export const deleteStack: Handler<Sdk, "deleteStack"> = async (ctx, input) => {
  const id = ctx.transaction(() => {
    const stack = lookUpStack(ctx, input.StackName);
    // Who deletes what is not there has what he wants.
    if (stack === undefined || stack.status === "DELETE_COMPLETE") return undefined;
    if (stack.terminationProtection) {
      throw errors.ValidationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
    }
    if (input.RetainResources !== undefined && input.RetainResources.length > 0 && stack.status !== "DELETE_FAILED") {
      throw errors.ValidationError(
        `Invalid operation on stack [${stack.id}]. RetainResources can only be specified for a stack in the DELETE_FAILED state.`,
      );
    }
    const operations = ctx.table(tables.operations);
    const operation = operations.get(stack.id);
    if (operation?.phase === "delete") return stack.id;
    if (operation?.phase === "create") {
      operations.put(stack.id, {
        ...operation,
        idle: false,
        cancelled: { reason: "Stack deletion requested", delete: true },
      });
      return stack.id;
    }
    if (operation !== undefined) {
      throw errors.ValidationError(`Stack [${stack.id}] cannot be deleted while in status ${stack.status}`);
    }
    beginDelete(ctx, stack, {
      clientRequestToken: input.ClientRequestToken,
      skipped: input.RetainResources,
      force: input.DeletionMode === "FORCE_DELETE_STACK",
    });
    return stack.id;
  });
  if (id !== undefined) await hold(ctx, id);
  return {};
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html */
export const cancelUpdateStack: Handler<Sdk, "cancelUpdateStack"> = async (ctx, input) => {
  const id = ctx.transaction(() => {
    const stack = findLiveStack(ctx, input.StackName);
    const operations = ctx.table(tables.operations);
    const operation = operations.get(stack.id);
    if (operation?.phase !== "update") {
      throw errors.ValidationError("CancelUpdateStack cannot be called from current stack status");
    }
    operations.put(stack.id, {
      ...operation,
      idle: false,
      onFailure: "ROLLBACK",
      cancelled: { reason: "User Initiated", delete: false },
    });
    return stack.id;
  });
  await hold(ctx, id);
  return {};
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html */
export const continueUpdateRollback: Handler<Sdk, "continueUpdateRollback"> = async (ctx, input) => {
  const id = ctx.transaction(() => {
    const stack = findLiveStack(ctx, input.StackName);
    if (stack.status !== "UPDATE_ROLLBACK_FAILED") {
      throw errors.ValidationError(
        `Stack:${stack.id} is in ${stack.status} state and can not continue update rollback.`,
      );
    }
    beginRollback(ctx, stack, "update-rollback", {
      skipped: input.ResourcesToSkip,
      clientRequestToken: input.ClientRequestToken,
    });
    return stack.id;
  });
  await hold(ctx, id);
  return {};
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html */
export const rollbackStack: Handler<Sdk, "rollbackStack"> = async (ctx, input) => {
  const id = ctx.transaction(() => {
    const stack = findLiveStack(ctx, input.StackName);
    if (stack.status !== "UPDATE_FAILED" && stack.status !== "CREATE_FAILED") {
      throw errors.ValidationError(`Stack:${stack.id} is in ${stack.status} state and can not be rolled back.`);
    }
    const phase = stack.status === "UPDATE_FAILED" ? "update-rollback" : "create-rollback";
    beginRollback(ctx, stack, phase, {
      clientRequestToken: input.ClientRequestToken,
      retainExceptOnCreate: input.RetainExceptOnCreate,
    });
    return stack.id;
  });
  await hold(ctx, id);
  return { StackId: id };
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateTerminationProtection.html */
export const updateTerminationProtection: Handler<Sdk, "updateTerminationProtection"> = (ctx, input) => {
  const stack = findStack(ctx, input.StackName, `Stack [${input.StackName}] does not exist`);
  if (stack.parentId !== undefined)
    throw errors.ValidationError("Termination protection of a nested stack is that of its root stack.");
  ctx.table(tables.stacks).put(stack.id, { ...stack, terminationProtection: input.EnableTerminationProtection });
  return { StackId: stack.id };
};
