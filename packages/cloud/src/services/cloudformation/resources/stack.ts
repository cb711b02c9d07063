import type { Context } from "../../../kernel/context.ts";
import type { Outcome, Properties, ResourceIdentity, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { planRequest } from "../changes/plan-request.ts";
import { beginCreate, beginDelete, beginUpdate, newIdentity, newStack } from "../engine/begin.ts";
import { updatable } from "../model.ts";
import type { Stack } from "../model.ts";
import { checkCapabilities, readRequest, refuseProblems } from "../requested.ts";
import type { Requested } from "../requested.ts";
import { findStack, lookUpStack, tables } from "../store.ts";

interface StackProperties extends Properties {
  readonly TemplateURL: string;
  readonly Parameters?: Readonly<Record<string, string | readonly string[]>>;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly NotificationARNs?: readonly string[];
  readonly TimeoutInMinutes?: number | string;
}

/** A parent looks again when its nested stack changes; this is only for the case that it never does. */
const lookAgainMs = 60_000;

async function read(
  ctx: Context,
  properties: StackProperties,
  request: ResourceRequest,
  identity: { id: string; name: string },
  stack: Stack | undefined,
): Promise<Requested> {
  const parent = findStack(ctx, request.stackId);
  const desired = ctx.table(tables.operations).get(parent.id)?.desired ?? parent;
  const own = request.tags.filter(({ Key }) => !Key.startsWith("aws:"));
  const tags = new Map([...own, ...(properties.Tags ?? [])].map(({ Key, Value }) => [Key, Value]));
  const requested = await readRequest(
    ctx,
    {
      TemplateURL: properties.TemplateURL,
      Parameters: Object.entries(properties.Parameters ?? {}).map(([ParameterKey, value]) => ({
        ParameterKey,
        ParameterValue: typeof value === "object" ? value.join(",") : value,
      })),
      Capabilities: desired.capabilities,
      RoleARN: desired.roleArn,
      NotificationARNs: properties.NotificationARNs ?? desired.notificationArns,
      Tags: [...tags].map(([Key, Value]) => ({ Key, Value })),
    },
    identity,
    stack,
  );
  checkCapabilities(requested, true);
  refuseProblems(ctx, requested);
  return requested;
}

/** How the nested stack is doing, as its parent's resource. */
function stateOf(ctx: Context, stack: Stack, step: "created" | "updated"): Outcome<ResourceIdentity> {
  if (ctx.table(tables.operations).has(stack.id)) return { status: "waiting", until: ctx.now + lookAgainMs };
  const { id, status } = stack;
  if (status !== "CREATE_COMPLETE" && (step === "created" || status !== "UPDATE_COMPLETE")) {
    return { status: "failed", reason: `Embedded stack ${id} was not successfully ${step}: ${whyFailed(ctx, stack)}` };
  }
  return {
    status: "done",
    id,
    attributes: Object.fromEntries(stack.outputs.map(({ key, value }) => [`Outputs.${key}`, value])),
  };
}

/** The last reason that the stack itself gave: after a rollback its status has none any more. */
function whyFailed(ctx: Context, { id, name, status }: Stack): string {
  for (const event of ctx.table(tables.events).values({ prefix: [id], reverse: true })) {
    if (event.logicalId === name && event.statusReason !== undefined) return event.statusReason;
  }
  return status;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html */
export const nestedStack: ResourceType = {
  properties: ["TemplateURL", "NotificationARNs", "Parameters", "Tags", "TimeoutInMinutes"],
  required: ["TemplateURL"],

  async create(ctx, properties: StackProperties & Properties, request) {
    const name = request.generatedName({ maxLength: 128 });
    const existing = lookUpStack(ctx, name);
    if (existing !== undefined) return stateOf(ctx, existing, "created");
    const identity = newIdentity(ctx, name);
    const requested = await read(ctx, properties, request, identity, undefined);
    await planRequest(ctx, identity, undefined, requested);
    const stack = newStack(ctx, identity, requested.desired, {
      parent: findStack(ctx, request.stackId),
      timeoutMinutes: properties.TimeoutInMinutes === undefined ? undefined : Number(properties.TimeoutInMinutes),
    });
    ctx.transaction(() => {
      request.made(identity.id);
      // Its parent decides what becomes of what was made.
      beginCreate(ctx, stack, requested, { clientRequestToken: request.token });
    });
    return { status: "waiting", until: ctx.now + lookAgainMs };
  },

  async update(ctx, id, properties: StackProperties & Properties, _previous, request) {
    const stack = findStack(ctx, id);
    const operations = ctx.table(tables.operations);
    if (operations.has(id)) return { status: "waiting", until: ctx.now + lookAgainMs };
    // The update that this step has begun has ended.
    if (stack.lastToken === request.token) return stateOf(ctx, stack, "updated");
    if (!updatable.includes(stack.status))
      return { status: "failed", reason: `Stack:${id} is in ${stack.status} state and can not be updated.` };
    const requested = await read(ctx, properties, request, stack, stack);
    const { isEmpty } = await planRequest(ctx, stack, stack, requested);
    if (isEmpty && stack.series === undefined) return stateOf(ctx, { ...stack, status: "UPDATE_COMPLETE" }, "updated");
    ctx.transaction(() =>
      beginUpdate(ctx, { ...findStack(ctx, id), lastToken: request.token }, requested, {
        clientRequestToken: request.token,
      }),
    );
    return { status: "waiting", until: ctx.now + lookAgainMs };
  },

  async remove(ctx, id, _properties, request) {
    const stack = lookUpStack(ctx, id);
    if (stack === undefined || stack.status === "DELETE_COMPLETE") return { status: "done" };
    const operation = ctx.table(tables.operations).get(id);
    if (operation !== undefined) return { status: "waiting", until: ctx.now + lookAgainMs };
    if (stack.lastToken === request.token) {
      return {
        status: "failed",
        reason: `Embedded stack ${id} was not successfully deleted: ${stack.statusReason ?? stack.status}`,
      };
    }
    ctx.transaction(() =>
      beginDelete(ctx, { ...findStack(ctx, id), lastToken: request.token }, { clientRequestToken: request.token }),
    );
    return { status: "waiting", until: ctx.now + lookAgainMs };
  },
};
