import type { ResourceStatus, StackStatus } from "@aws-sdk/client-cloudformation";
import type { Context } from "../../kernel/context.ts";
import type { ResourceSignal } from "../../kernel/resource.ts";
import { table } from "../../store/table.ts";
import type { ChangeSet } from "./changes/change-set.ts";
import type { CustomRequest } from "./custom/request.ts";
import { errors } from "./errors.ts";
import type { Notice } from "./notices.ts";
import { stackType } from "./model.ts";
import type { ExportRow, Leftover, Operation, ResourceRow, Stack, StackEvent } from "./model.ts";

export const tables = {
  stacks: table<string, Stack>("stacks"),
  /** The stacks that are there: name to id. */
  names: table<string, string>("names"),
  /** Texts: `current` and, while it is being brought about, `next`; those of change sets, by their ids. */
  templates: table<[stack: string, which: string], string>("templates"),
  resources: table<[stack: string, logicalId: string], ResourceRow>("resources"),
  /** Resources as they were when the stack was last whole, those that have changed since. */
  previous: table<[stack: string, logicalId: string], ResourceRow>("previous"),
  leftovers: table<[stack: string, logicalId: string, physicalId: string], Leftover>("leftovers"),
  operations: table<string, Operation>("operations"),
  events: table<[stack: string, order: number], StackEvent>("events"),
  /** Events that topics are still to be told of. */
  notices: table<[stack: string, order: number], Notice>("notices"),
  changeSets: table<[stack: string, name: string], ChangeSet>("change-sets"),
  changeSetIds: table<string, [stack: string, name: string]>("change-set-ids"),
  exports: table<string, ExportRow>("exports"),
  imports: table<[exported: string, stack: string], true>("imports"),
  signals: table<[stack: string, logicalId: string, uniqueId: string], ResourceSignal>("signals"),
  /** Values of attributes that nobody is shown, by the resource whose they are. */
  secretAttributes: table<[stack: string, logicalId: string], readonly string[]>("secret-attributes"),
  /** What custom resources' providers were asked, by the token of the step. */
  customRequests: table<[stack: string, token: string], CustomRequest>("custom-requests"),
  /** Which request an answer is for, by the name in its URL. */
  customAnswers: table<string, [stack: string, token: string]>("custom-answers"),
  memories: table<[stack: string, logicalId: string], { readonly token: string; readonly memory: unknown }>("memories"),
  /** The stacks that the region has been given at its beginning. */
  bootstrapped: table<string, true>("bootstrapped"),
};

/** Finds a stack by its name or its ARN; by ARN also one that is deleted. */
export function lookUpStack(ctx: Context, nameOrId: string): Stack | undefined {
  const id = nameOrId.startsWith("arn:") ? nameOrId : ctx.table(tables.names).get(nameOrId);
  return id === undefined ? undefined : ctx.table(tables.stacks).get(id);
}

/** @throws AwsError `ValidationError` if there is none */
export function findStack(
  ctx: Context,
  nameOrId: string | undefined,
  message = `Stack with id ${nameOrId ?? ""} does not exist`,
): Stack {
  const stack = nameOrId === undefined ? undefined : lookUpStack(ctx, nameOrId);
  if (stack === undefined) throw errors.ValidationError(message);
  return stack;
}

/** The same, for what can only be done to a stack that is there. */
export function findLiveStack(ctx: Context, nameOrId: string): Stack {
  const stack = findStack(ctx, nameOrId, `Stack [${nameOrId}] does not exist`);
  if (stack.status === "DELETE_COMPLETE") throw errors.ValidationError(`Stack [${nameOrId}] does not exist`);
  return stack;
}

export function resourcesOf(ctx: Context, stackId: string): ResourceRow[] {
  return [...ctx.table(tables.resources).values({ prefix: [stackId] })];
}

/** The values of attributes that nobody is shown. */
export function secretAttributesOf(ctx: Context, stackId: string): string[] {
  return [...ctx.table(tables.secretAttributes).values({ prefix: [stackId] })].flat();
}

export function templateOf(ctx: Context, stackId: string, which: string = "current"): string {
  return ctx.table(tables.templates).get([stackId, which]) ?? "";
}

/** Tells of something that happened, in the transaction that it happens in. */
export function putEvent(
  ctx: Context,
  stack: Pick<Stack, "id" | "name">,
  event: Omit<StackEvent, "id" | "stackId" | "stackName" | "at" | "clientRequestToken" | "operation">,
): void {
  const events = ctx.table(tables.events);
  const [last] = events.entries({ prefix: [stack.id], reverse: true });
  const order = (last?.[0][1] ?? 0) + 1;
  // Clients order events by their times: no two of a stack have the same.
  const at = Math.max(ctx.now, (last?.[1].at ?? 0) + 1);
  const { clientRequestToken, desired, token: operation } = ctx.table(tables.operations).get(stack.id) ?? {};
  const id =
    event.logicalId === stack.name
      ? ctx.ids.uuid()
      : `${event.logicalId}-${event.status}-${new Date(at).toISOString()}`;
  const happened = { ...event, id, stackId: stack.id, stackName: stack.name, at, clientRequestToken, operation };
  events.put([stack.id, order], happened);
  // The topics of an update are told from its beginning on.
  const topics = (desired ?? ctx.table(tables.stacks).get(stack.id))?.notificationArns ?? [];
  if (topics.length > 0) ctx.table(tables.notices).put([stack.id, order], { topics, event: happened });
}

/**
 * Changes a stack, and tells of its new status.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-status-change.html
 */
export function putStatus(ctx: Context, stack: Stack, status: StackStatus, reason?: string): Stack {
  const changed: Stack = { ...stack, status, statusReason: reason };
  ctx.table(tables.stacks).put(stack.id, changed);
  putEvent(ctx, stack, {
    logicalId: stack.name,
    physicalId: stack.id,
    type: stackType,
    status: status as ResourceStatus,
    statusReason: reason,
    properties: undefined,
  });
  ctx.emit({
    source: "aws.cloudformation",
    detailType: "CloudFormation Stack Status Change",
    resources: [stack.id],
    detail: {
      "stack-id": stack.id,
      "status-details": { status, "status-reason": reason ?? "" },
      "client-request-token": ctx.table(tables.operations).get(stack.id)?.clientRequestToken ?? "",
    },
  });
  return changed;
}
