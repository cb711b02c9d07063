import type { ResourceStatus } from "@aws-sdk/client-cloudformation";
import { messageOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { resourceTypeNamed } from "../../../kernel/resource.ts";
import type { Outcome, Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { masked, resourceTags, secretsOf } from "../model.ts";
import type { ResourceRow, Stack } from "../model.ts";
import { memoryOf, remember, signalsFor } from "../signals.ts";
import { putEvent, secretAttributesOf, tables } from "../store.ts";
import { generateName } from "./names.ts";

/** What all steps of a stack share. */
export interface StepScope {
  readonly stack: Stack;
  /** The tags that the stack has, and those that it is to have. */
  readonly tags: {
    readonly before: Readonly<Record<string, string>>;
    readonly after: Readonly<Record<string, string>>;
  };
}

export function typeOf(ctx: Context, name: string): ResourceType {
  const type = resourceTypeNamed(ctx.resourceTypes, name);
  if (type === undefined) throw new Error(`Unrecognized resource types: [${name}]`);
  return type;
}

/** Calls a resource's function; whatever it throws is its reason. */
export async function attempt<R extends Outcome>(
  work: () => Promise<R>,
): Promise<R | { readonly status: "failed"; readonly reason: string }> {
  try {
    return await work();
  } catch (error) {
    return { status: "failed", reason: messageOf(error) };
  }
}

export function requestFor(
  ctx: Context,
  { stack, tags }: StepScope,
  { logicalId, policies = {} }: Pick<ResourceRow, "logicalId" | "policies">,
  token: string,
): ResourceRequest {
  return {
    stackName: stack.name,
    stackId: stack.id,
    logicalId,
    token,
    generatedName: (options) => generateName(stack.name, logicalId, token, options),
    made: (id) =>
      ctx.transaction(() => {
        const rows = ctx.table(tables.resources);
        const row = rows.get([stack.id, logicalId]);
        if (row?.pending?.token !== token || row.pending.physicalId === id) return;
        rows.put([stack.id, logicalId], { ...row, pending: { ...row.pending, physicalId: id } });
        putRowEvent(ctx, stack, { ...row, physicalId: id }, row.status, "Resource creation Initiated");
      }),
    policies,
    signals: () => signalsFor(ctx, stack.id, logicalId),
    get memory() {
      return memoryOf(ctx, stack.id, logicalId, token);
    },
    remember: (memory) => remember(ctx, stack.id, logicalId, token, memory),
    tell: (progress) =>
      ctx.transaction(() => {
        const row = ctx.table(tables.resources).get([stack.id, logicalId]);
        if (row !== undefined && row.statusReason !== progress) putRow(ctx, stack, row, row.status, progress);
      }),
    tags: resourceTags(stack, tags.after, logicalId),
  };
}

/** What a resource had before, with the stack's tags that are to go, so that an update sees them go. */
export function withGoneTags(type: ResourceType, properties: Properties, { tags }: StepScope): Properties {
  const gone = Object.entries(tags.before).filter(([key]) => !Object.hasOwn(tags.after, key));
  if (gone.length === 0 || !type.properties.includes("Tags")) return properties;
  const own = properties["Tags"];
  if (type.tagsAreMap === true)
    return { ...properties, Tags: { ...Object.fromEntries(gone), ...(own as object | undefined) } };
  return { ...properties, Tags: [...gone.map(([Key, Value]) => ({ Key, Value })), ...((own ?? []) as unknown[])] };
}

/** Stores a row with a new status, and tells of it. */
export function putRow(ctx: Context, stack: Stack, row: ResourceRow, status: ResourceStatus, reason?: string): void {
  ctx
    .table(tables.resources)
    .put([stack.id, row.logicalId], { ...row, status, statusReason: reason, updatedAt: ctx.now });
  putRowEvent(ctx, stack, row, status, reason);
}

export function putRowEvent(
  ctx: Context,
  stack: Stack,
  row: {
    readonly logicalId: string;
    readonly physicalId: string | undefined;
    readonly type: string;
    readonly properties: Properties;
    readonly pending?: ResourceRow["pending"];
  },
  status: ResourceStatus,
  reason?: string,
): void {
  const desired = ctx.table(tables.operations).get(stack.id)?.desired;
  const secrets = [
    ...secretsOf(stack),
    ...(desired === undefined ? [] : secretsOf(desired)),
    ...secretAttributesOf(ctx, stack.id),
  ];
  putEvent(ctx, stack, {
    logicalId: row.logicalId,
    physicalId: row.physicalId ?? "",
    type: row.type,
    status,
    statusReason: reason,
    properties: JSON.stringify(masked(row.pending?.properties ?? row.properties, secrets)),
  });
}
