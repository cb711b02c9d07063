import type { ChangeSetStatus } from "@aws-sdk/client-cloudformation";
import { messageOf, partitionOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { commonErrors } from "../../../kernel/errors.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { ChangeSet } from "../changes/change-set.ts";
import { planRequest } from "../changes/plan-request.ts";
import type { ResourcePlan } from "../changes/plan.ts";
import { beginCreate, beginUpdate, hold, newIdentity, newStack } from "../engine/begin.ts";
import { errors } from "../errors.ts";
import { masked, secretsOf, updatable } from "../model.ts";
import { checkCapabilities, problemsIn, readRequest, reasonOf } from "../requested.ts";
import type { Requested } from "../requested.ts";
import type { Sdk } from "../sdk.ts";
import { findStack, lookUpStack, putStatus, secretAttributesOf, tables } from "../store.ts";
import { findChangeSet, lookUpChangeSet } from "../changes/find-change-set.ts";
import { TemplateError } from "../template/template-error.ts";
import { refuseResourceTypes, refuseRollbackOfFailed } from "./stacks.ts";
import { describeParameters, describeTags } from "./describe.ts";
import { describeChange } from "./describe-change.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html */
export const createChangeSet: Handler<Sdk, "createChangeSet"> = async (ctx, input) => {
  const name = input.ChangeSetName;
  if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name)) {
    throw errors.ValidationError(
      `1 validation error detected: Value '${name}' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
    );
  }
  const type = input.ChangeSetType ?? "UPDATE";
  if (type === "IMPORT" || (input.ResourcesToImport ?? []).length > 0) {
    throw commonErrors.NotImplemented(
      "Trysail does not import resources into stacks: leave out ChangeSetType IMPORT and ResourcesToImport.",
    );
  }
  if (input.DeploymentMode !== undefined) {
    throw commonErrors.NotImplemented(
      `Trysail does not detect drift: leave out DeploymentMode ${input.DeploymentMode}.`,
    );
  }
  refuseResourceTypes(input);
  const found = lookUpStack(ctx, input.StackName);
  const existing = found?.status === "DELETE_COMPLETE" ? undefined : found;
  const isNew = existing === undefined || existing.status === "REVIEW_IN_PROGRESS";
  if (type === "UPDATE" && isNew) throw errors.ValidationError(`Stack [${input.StackName}] does not exist`);
  if (type === "CREATE" && !isNew) {
    throw errors.ValidationError(
      `Stack [${existing.name}] already exists and cannot be created again with the changeSet [${name}].`,
    );
  }
  if (!isNew && !updatable.includes(existing.status)) {
    throw errors.ValidationError(`Stack:${existing.id} is in ${existing.status} state and can not be updated.`);
  }
  const identity = existing ?? newIdentity(ctx, input.StackName);
  const refuseExisting = () => {
    if (ctx.table(tables.changeSets).has([identity.id, name]))
      throw errors.AlreadyExistsException(`ChangeSet ${name} already exists`);
  };
  refuseExisting();
  const stack = isNew ? undefined : existing;
  const requested = await readRequest(ctx, input, identity, stack);
  checkCapabilities(requested, true);
  const outcome = await planOutcome(ctx, identity, stack, requested);
  const id = `arn:${partitionOf(ctx.region)}:cloudformation:${ctx.region}:${ctx.account}:changeSet/${name}/${ctx.ids.uuid()}`;
  const changeSet: ChangeSet = {
    id,
    name,
    stackId: identity.id,
    stackName: identity.name,
    type,
    description: input.Description,
    createdAt: ctx.now,
    executionStatus: outcome.status === "CREATE_COMPLETE" ? "AVAILABLE" : "UNAVAILABLE",
    desired: requested.desired,
    onStackFailure: input.OnStackFailure,
    importExistingResources: input.ImportExistingResources ?? false,
    ...outcome,
  };
  ctx.transaction(() => {
    refuseExisting();
    if (existing === undefined) {
      if (lookUpStack(ctx, identity.name) !== undefined)
        throw errors.AlreadyExistsException(`Stack [${identity.name}] already exists`);
      ctx.table(tables.names).put(identity.name, identity.id);
      putStatus(ctx, newStack(ctx, identity, requested.desired), "REVIEW_IN_PROGRESS", "User Initiated");
    }
    ctx.table(tables.changeSets).put([identity.id, name], changeSet);
    ctx.table(tables.changeSetIds).put(id, [identity.id, name]);
    ctx.table(tables.templates).put([identity.id, id], requested.text);
  });
  return { Id: id, StackId: identity.id };
};

type Outcome = Pick<ChangeSet, "changes" | "problems" | "statusReason"> & { readonly status: ChangeSetStatus };

async function planOutcome(
  ctx: Context,
  identity: Parameters<typeof planRequest>[1],
  stack: Parameters<typeof planRequest>[2],
  requested: Requested,
): Promise<Outcome> {
  const problems = problemsIn(ctx, requested.template);
  const failed = (statusReason: string): Outcome => ({ status: "FAILED", statusReason, changes: [], problems });
  if (problems.length > 0) return failed(reasonOf(ctx, problems));
  try {
    const { changes, isEmpty } = await planRequest(ctx, identity, stack, requested);
    // After a failure even the same template is something to do.
    if (isEmpty && stack?.series === undefined) {
      return failed(
        "The submitted information didn't contain changes. Submit different information to create a change set.",
      );
    }
    return { status: "CREATE_COMPLETE", statusReason: undefined, changes, problems };
  } catch (error) {
    if (error instanceof TemplateError) return failed(messageOf(error));
    throw error;
  }
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html */
export const describeChangeSet: Handler<Sdk, "describeChangeSet"> = (ctx, input) => {
  const set = findChangeSet(ctx, input.ChangeSetName, input.StackName);
  const secrets = [
    ...secretsOf(set.desired),
    ...secretsOf(findStack(ctx, set.stackId)),
    ...secretAttributesOf(ctx, set.stackId),
  ];
  const { items, next } = pageOfList(set.changes, input.NextToken, 500, errors.ValidationError);
  return {
    ChangeSetName: set.name,
    ChangeSetId: set.id,
    StackId: set.stackId,
    StackName: set.stackName,
    Description: set.description,
    Parameters: describeParameters(set.desired),
    CreationTime: new Date(set.createdAt),
    ExecutionStatus: set.executionStatus,
    Status: set.status,
    StatusReason: set.statusReason,
    NotificationARNs: [...(set.desired.notificationArns ?? [])],
    RollbackConfiguration: {},
    Capabilities: [...set.desired.capabilities] as never[],
    Tags: describeTags(set.desired.tags),
    Changes: items.map((plan) =>
      describeChange(masked(plan, secrets) as ResourcePlan, input.IncludePropertyValues === true),
    ),
    NextToken: next,
    IncludeNestedStacks: false,
    OnStackFailure: set.onStackFailure,
    ImportExistingResources: set.importExistingResources,
  };
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html */
export const executeChangeSet: Handler<Sdk, "executeChangeSet"> = async (ctx, input) => {
  if (input.RetainExceptOnCreate === true && input.DisableRollback === true) {
    throw errors.ValidationError("RetainExceptOnCreate cannot be specified together with DisableRollback.");
  }
  const stackId = ctx.transaction(() => {
    const set = findChangeSet(ctx, input.ChangeSetName, input.StackName);
    if (set.executionStatus !== "AVAILABLE") {
      throw errors.InvalidChangeSetStatus(
        `ChangeSet [${set.id}] cannot be executed in its current status of [${set.status}]`,
      );
    }
    const stack = findStack(ctx, set.stackId);
    if (stack.status !== "REVIEW_IN_PROGRESS" && !updatable.includes(stack.status)) {
      throw errors.ValidationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
    }
    refuseRollbackOfFailed(stack, input.DisableRollback, "execute-change-set");
    const request = { text: ctx.table(tables.templates).get([stack.id, set.id]) ?? "", desired: set.desired };
    const options = {
      changeSetId: set.id,
      clientRequestToken: input.ClientRequestToken,
      retainExceptOnCreate: input.RetainExceptOnCreate,
    };
    const onFailure = input.DisableRollback === true ? "DO_NOTHING" : (set.onStackFailure ?? "ROLLBACK");
    if (stack.status === "REVIEW_IN_PROGRESS")
      beginCreate(ctx, { ...stack, createdAt: ctx.now }, request, { ...options, onFailure });
    else
      beginUpdate(ctx, stack, request, { ...options, onFailure: onFailure === "DO_NOTHING" ? onFailure : "ROLLBACK" });
    for (const other of Array.from(ctx.table(tables.changeSets).values({ prefix: [stack.id] })))
      if (other.id !== set.id) dropChangeSet(ctx, other);
    ctx.table(tables.changeSets).put([stack.id, set.name], { ...set, executionStatus: "EXECUTE_IN_PROGRESS" });
    return stack.id;
  });
  await hold(ctx, stackId);
  return {};
};

function dropChangeSet(ctx: Context, { id, stackId, name }: ChangeSet): void {
  ctx.table(tables.changeSets).delete([stackId, name]);
  ctx.table(tables.changeSetIds).delete(id);
  ctx.table(tables.templates).delete([stackId, id]);
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteChangeSet.html */
export const deleteChangeSet: Handler<Sdk, "deleteChangeSet"> = (ctx, input) => {
  const set = lookUpChangeSet(ctx, input.ChangeSetName, input.StackName);
  if (set === undefined) return {};
  if (set.executionStatus === "EXECUTE_IN_PROGRESS") {
    throw errors.InvalidChangeSetStatus(
      `ChangeSet [${set.id}] cannot be deleted in its current status of [${set.executionStatus}]`,
    );
  }
  dropChangeSet(ctx, set);
  return {};
};

/**
 * There are no hooks, so that none has a result; the CDK asks after each change set that fails.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListHookResults.html
 */
export const listHookResults: Handler<Sdk, "listHookResults"> = (_ctx, input) => ({
  TargetType: input.TargetType,
  TargetId: input.TargetId,
  HookResults: [],
});

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListChangeSets.html */
export const listChangeSets: Handler<Sdk, "listChangeSets"> = (ctx, input) => {
  const stack = findStack(ctx, input.StackName, `Stack [${input.StackName}] does not exist`);
  const sets = [...ctx.table(tables.changeSets).values({ prefix: [stack.id] })];
  const { items, next } = pageOfList(sets, input.NextToken, 100, errors.ValidationError);
  return {
    Summaries: items.map((set) => ({
      StackId: set.stackId,
      StackName: set.stackName,
      ChangeSetId: set.id,
      ChangeSetName: set.name,
      ExecutionStatus: set.executionStatus,
      Status: set.status,
      StatusReason: set.statusReason,
      CreationTime: new Date(set.createdAt),
      Description: set.description,
      IncludeNestedStacks: false,
      ImportExistingResources: set.importExistingResources,
    })),
    NextToken: next,
  };
};
