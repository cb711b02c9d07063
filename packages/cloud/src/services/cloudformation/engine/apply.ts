import type { Context } from "../../../kernel/context.ts";
import type { Properties, ResourceIdentity, ResourcePolicies, ResourceType } from "../../../kernel/resource.ts";
import type { Outcome } from "../../../kernel/resource.ts";
import { changedProperties } from "../changes/compare.ts";
import type { Instance } from "../environment.ts";
import type { Operation, PendingStep, ResourceRow } from "../model.ts";
import { forgetStep } from "../signals.ts";
import { tables } from "../store.ts";
import { dependenciesOf } from "../template/validate.ts";
import { isObject, sameJson } from "../template/json.ts";
import { policiesOf } from "../template/policies.ts";
import { resolve } from "../template/resolve.ts";
import { TemplateError } from "../template/template-error.ts";
import { stepToken } from "./names.ts";
import { followAll, followPlain } from "./secrets.ts";
import { attempt, putRow, requestFor, typeOf, withGoneTags } from "./step.ts";
import type { StepScope } from "./step.ts";

/** How a step went, and which kind of step it was, for the stack's own reason. */
export type Applied =
  | { readonly status: "done" | "failed"; readonly action: "create" | "update" }
  | { readonly status: "waiting"; readonly until: number };

/** Brings one resource to what the template says: creates, changes or replaces it, or finds that nothing is to be done. */
export async function applyResource(
  ctx: Context,
  scope: StepScope,
  operation: Operation,
  instance: Instance,
  logicalId: string,
): Promise<Applied> {
  const rows = ctx.table(tables.resources);
  const existing = rows.get([scope.stack.id, logicalId]);
  const action = existing?.physicalId === undefined ? "create" : "update";
  try {
    const begun = existing?.pending !== undefined && existing.status.endsWith("_IN_PROGRESS");
    const row = begun ? existing : await begin(ctx, scope, operation, instance, logicalId, existing);
    if (row?.pending === undefined) return { status: "done", action };
    return await carryOut(ctx, scope, row, row.pending);
  } catch (error) {
    // A function of the template that gives no value here, or a reference that leads nowhere.
    const definition = instance.template.resources[logicalId];
    const row =
      rows.get([scope.stack.id, logicalId]) ?? emptyRow(ctx, logicalId, definition?.type ?? "", operation.series);
    const reason = error instanceof Error ? error.message : String(error);
    ctx.transaction(() => {
      remember(ctx, scope.stack.id, existing);
      putRow(ctx, scope.stack, row, action === "create" ? "CREATE_FAILED" : "UPDATE_FAILED", reason);
    });
    return { status: "failed", action };
  }
}

function emptyRow(ctx: Context, logicalId: string, type: string, series: string): ResourceRow {
  return {
    logicalId,
    type,
    physicalId: undefined,
    status: "CREATE_IN_PROGRESS",
    statusReason: undefined,
    updatedAt: ctx.now,
    properties: {},
    attributes: {},
    metadata: undefined,
    deletionPolicy: undefined,
    updateReplacePolicy: undefined,
    dependsOn: [],
    addedIn: series,
    pending: undefined,
  };
}

/** Keeps a resource as it was before the first change of the series, for the rollback. */
function remember(ctx: Context, stackId: string, row: ResourceRow | undefined): void {
  const previous = ctx.table(tables.previous);
  if (row?.physicalId !== undefined && row.pending === undefined && !previous.has([stackId, row.logicalId]))
    previous.put([stackId, row.logicalId], row);
}

/** Decides what is to be done and writes it down; without a pending step if nothing is. */
async function begin(
  ctx: Context,
  scope: StepScope,
  operation: Operation,
  instance: Instance,
  logicalId: string,
  existing: ResourceRow | undefined,
): Promise<ResourceRow | undefined> {
  const { template, environment, present } = instance;
  const definition = template.resources[logicalId];
  if (definition === undefined) return undefined;
  const type = typeOf(ctx, definition.type);
  const resolved = resolve(definition.properties, environment);
  if (!isObject(resolved)) throw new TemplateError(`Properties of ${logicalId} must be an object.`);
  const properties = (await followPlain(ctx, resolved)) as Properties;
  const required = (type.required ?? []).find((name) => properties[name] === undefined);
  if (required !== undefined) throw new TemplateError(`Property ${required} cannot be empty.`);
  const policy = (value: typeof definition.deletionPolicy) =>
    value === undefined ? undefined : String(resolve(value, environment));
  const policies = policiesOf(definition, environment);
  const base: ResourceRow = {
    ...(existing ?? emptyRow(ctx, logicalId, definition.type, operation.series)),
    metadata: definition.metadata,
    deletionPolicy: policy(definition.deletionPolicy),
    updateReplacePolicy: policy(definition.updateReplacePolicy),
    policies,
    dependsOn: [...new Set(dependenciesOf(definition, template.resources))].filter((other) => present.has(other)),
  };
  const action = decide(type, scope, existing, definition.type, properties, policies);
  if (action === undefined) {
    ctx.transaction(() => {
      const same = existing !== undefined && sameRow(existing, base);
      if (!same) remember(ctx, scope.stack.id, existing);
      if (!same) ctx.table(tables.resources).put([scope.stack.id, logicalId], base);
    });
    return undefined;
  }
  const pending: PendingStep = {
    action,
    properties,
    physicalId: undefined,
    token: stepToken(operation.token, logicalId, action),
  };
  const row: ResourceRow = { ...base, ...(action !== "update" && { type: definition.type }), pending };
  const reason =
    action === "replace"
      ? "Requested update requires the creation of a new physical resource; hence creating one."
      : undefined;
  ctx.transaction(() => {
    remember(ctx, scope.stack.id, existing);
    leaveHalfMade(ctx, scope.stack.id, existing);
    forgetStep(ctx, scope.stack.id, logicalId);
    putRow(ctx, scope.stack, row, action === "create" ? "CREATE_IN_PROGRESS" : "UPDATE_IN_PROGRESS", reason);
  });
  return { ...row, status: action === "create" ? "CREATE_IN_PROGRESS" : "UPDATE_IN_PROGRESS" };
}

function sameRow(a: ResourceRow, b: ResourceRow): boolean {
  return (
    sameJson(a.metadata, b.metadata) &&
    a.deletionPolicy === b.deletionPolicy &&
    a.updateReplacePolicy === b.updateReplacePolicy &&
    sameJson(a.policies, b.policies) &&
    sameJson(a.dependsOn, b.dependsOn)
  );
}

function decide(
  type: ResourceType,
  { tags }: StepScope,
  existing: ResourceRow | undefined,
  typeName: string,
  properties: Properties,
  policies: ResourcePolicies,
): PendingStep["action"] | undefined {
  if (existing?.physicalId === undefined) return "create";
  if (existing.type !== typeName) return "replace";
  const changes = changedProperties(type, existing.properties, properties);
  const names = changes.map(({ name }) => name);
  if (changes.some(({ replaces }) => replaces) || type.replacedByPolicy?.(policies, names) === true) return "replace";
  // A step that has failed half way may have left anything behind.
  if (changes.length > 0 || existing.status === "UPDATE_FAILED")
    return type.update === undefined ? "replace" : "update";
  return !sameJson(tags.before, tags.after) && type.properties.includes("Tags") && type.update !== undefined
    ? "update"
    : undefined;
}

async function carryOut(ctx: Context, scope: StepScope, row: ResourceRow, pending: PendingStep): Promise<Applied> {
  const { stack } = scope;
  const type = typeOf(ctx, row.type);
  const request = requestFor(ctx, scope, row, pending.token);
  const outcome = await attempt<Outcome<ResourceIdentity>>(async () => {
    const properties = await followAll(ctx, pending.properties);
    const { physicalId } = row;
    if (pending.action !== "update" || physicalId === undefined) return type.create(ctx, properties, request);
    if (type.update === undefined) throw new Error(`${row.type} cannot be changed`);
    return type.update(
      ctx,
      physicalId,
      properties,
      await followAll(ctx, withGoneTags(type, row.properties, scope)),
      request,
    );
  });
  const action = pending.action === "create" ? "create" : "update";
  if (outcome.status === "waiting") return { status: "waiting", until: outcome.until };
  if (ctx.signal.aborted) return { status: "waiting", until: 0 };
  const ended = ctx.as({});
  ended.transaction(() => {
    const current = ended.table(tables.resources).get([stack.id, row.logicalId]) ?? row;
    if (outcome.status === "failed") {
      putRow(ended, stack, current, action === "create" ? "CREATE_FAILED" : "UPDATE_FAILED", outcome.reason);
      return;
    }
    const { id, attributes, isSecret = false } = outcome;
    const replaced = current.physicalId !== undefined && current.physicalId !== id;
    if (replaced) leave(ended, stack.id, current);
    // A function that changes a resource may leave out the attributes that stay the same.
    const kept = pending.action === "update" ? current.attributes : {};
    const done: ResourceRow = {
      ...current,
      physicalId: id,
      properties: pending.properties,
      attributes: { ...kept, ...attributes },
      pending: undefined,
    };
    const secret = Object.values(attributes).filter((value) => typeof value === "string" && value !== "");
    const hidden = ended.table(tables.secretAttributes);
    if (isSecret) hidden.put([stack.id, row.logicalId], secret as string[]);
    else hidden.delete([stack.id, row.logicalId]);
    putRow(ended, stack, done, action === "create" ? "CREATE_COMPLETE" : "UPDATE_COMPLETE");
  });
  return { status: outcome.status, action };
}

/** Keeps what an earlier step has made and not finished until the clean-up. */
export function leaveHalfMade(ctx: Context, stackId: string, row: ResourceRow | undefined): void {
  const made = row?.pending?.physicalId;
  if (row?.pending === undefined || made === undefined || made === row.physicalId) return;
  const { logicalId, type, dependsOn, pending } = row;
  const leftover = { logicalId, type, physicalId: made, properties: pending.properties, dependsOn, retained: false };
  ctx.table(tables.leftovers).put([stackId, logicalId, made], leftover);
}

/** Keeps the resource that was replaced until the clean-up. */
function leave(ctx: Context, stackId: string, row: ResourceRow): void {
  const before = ctx.table(tables.previous).get([stackId, row.logicalId]);
  const physicalId = row.physicalId ?? "";
  ctx.table(tables.leftovers).put([stackId, row.logicalId, physicalId], {
    logicalId: row.logicalId,
    // The row has the new one's type by now.
    type: before?.physicalId === physicalId ? before.type : row.type,
    physicalId,
    properties: row.properties,
    dependsOn: row.dependsOn,
    retained: (before?.updateReplacePolicy ?? row.updateReplacePolicy) === "Retain",
  });
}
