import type { EventBus } from "@aws-sdk/client-eventbridge";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { readTags } from "../../../kernel/tags.ts";
import { errors } from "../errors.ts";
import { defaultBus } from "../model.ts";
import type { Bus } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { busArn, findBus, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html */
export const createEventBus: Handler<Sdk, "createEventBus"> = (ctx, input) => {
  const { Name: name } = input;
  if (input.EventSourceName !== undefined)
    throw errors.ValidationException("Trysail has no partner event sources: leave out EventSourceName.");
  if (input.KmsKeyIdentifier !== undefined || input.DeadLetterConfig !== undefined)
    throw errors.ValidationException("Trysail's event buses have neither keys nor dead-letter queues of their own.");
  if (name === defaultBus || ctx.table(tables.buses).has(name))
    throw errors.ResourceAlreadyExistsException(`Event bus ${name} already exists.`);
  if (!/^[\w./-]{1,256}$/.test(name))
    throw errors.ValidationException(`Event bus name ${name} has characters that are not allowed.`);
  const bus: Bus = {
    name,
    arn: busArn(ctx, name),
    description: input.Description,
    policy: undefined,
    createdAt: ctx.now,
    changedAt: ctx.now,
    tags: readTags(input.Tags),
  };
  ctx.table(tables.buses).put(name, bus);
  return { EventBusArn: bus.arn, Description: bus.description };
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateEventBus.html */
export const updateEventBus: Handler<Sdk, "updateEventBus"> = (ctx, input) => {
  const bus = { ...findBus(ctx, input.Name), description: input.Description, changedAt: ctx.now };
  ctx.table(tables.buses).put(bus.name, bus);
  return { Arn: bus.arn, Name: bus.name, Description: bus.description };
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteEventBus.html */
export const deleteEventBus: Handler<Sdk, "deleteEventBus"> = (ctx, { Name: name }) => {
  if (name === defaultBus) throw errors.ValidationException("Cannot delete event bus default.");
  if (
    !(
      ctx
        .table(tables.rules)
        .keys({ prefix: [name] })
        .next().done ?? true
    )
  )
    throw errors.ValidationException("Event bus can't be deleted since it has rules.");
  ctx.table(tables.buses).delete(name);
  return {};
};

function describe(bus: Bus): EventBus {
  return {
    Name: bus.name,
    Arn: bus.arn,
    Description: bus.description,
    Policy: bus.policy,
    ...(bus.createdAt > 0 && { CreationTime: new Date(bus.createdAt), LastModifiedTime: new Date(bus.changedAt) }),
  };
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html */
export const describeEventBus: Handler<Sdk, "describeEventBus"> = (ctx, { Name }) => describe(findBus(ctx, Name));

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEventBuses.html */
export const listEventBuses: Handler<Sdk, "listEventBuses"> = (ctx, input) => {
  const others = [...ctx.table(tables.buses).values()].filter(({ name }) => name !== defaultBus);
  const all = [findBus(ctx, defaultBus), ...others].filter(({ name }) => name.startsWith(input.NamePrefix ?? ""));
  const { items, next } = pageOfList(all, input.NextToken, input.Limit ?? 100, errors.ValidationException);
  return { EventBuses: items.map(describe), NextToken: next };
};

interface Statement {
  readonly Sid: string;
}

function statementsOf({ policy }: Bus): readonly Statement[] {
  return policy === undefined ? [] : (JSON.parse(policy) as { readonly Statement: readonly Statement[] }).Statement;
}

function putPolicy(ctx: Context, bus: Bus, statements: readonly Statement[]): void {
  const policy = statements.length === 0 ? undefined : JSON.stringify({ Version: "2012-10-17", Statement: statements });
  ctx.table(tables.buses).put(bus.name, { ...bus, policy, changedAt: ctx.now });
}

/** Stored: within one Trysail all may send to all. @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html */
export const putPermission: Handler<Sdk, "putPermission"> = (ctx, input) => {
  const bus = findBus(ctx, input.EventBusName);
  if (input.Policy !== undefined) {
    ctx.table(tables.buses).put(bus.name, { ...bus, policy: checkedPolicy(input.Policy), changedAt: ctx.now });
    return {};
  }
  const { StatementId: Sid, Principal, Action, Condition } = input;
  if (Sid === undefined || Principal === undefined || Action === undefined)
    throw errors.ValidationException("Either Policy, or StatementId, Principal and Action must be given.");
  const statement = {
    Sid,
    Effect: "Allow",
    Principal: Principal === "*" ? "*" : { AWS: `arn:aws:iam::${Principal}:root` },
    Action,
    Resource: bus.arn,
    ...(Condition !== undefined && {
      Condition: { [Condition.Type ?? ""]: { [Condition.Key ?? ""]: Condition.Value } },
    }),
  };
  putPolicy(ctx, bus, [...statementsOf(bus).filter((one) => one.Sid !== Sid), statement]);
  return {};
};

function checkedPolicy(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw errors.ValidationException("The policy is not valid JSON.");
  }
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemovePermission.html */
export const removePermission: Handler<Sdk, "removePermission"> = (ctx, input) => {
  const bus = findBus(ctx, input.EventBusName);
  const before = statementsOf(bus);
  const left = input.RemoveAllPermissions === true ? [] : before.filter(({ Sid }) => Sid !== input.StatementId);
  if (left.length === before.length && input.RemoveAllPermissions !== true)
    throw errors.ResourceNotFoundException("Statement with the provided id does not exist.");
  putPolicy(ctx, bus, left);
  return {};
};
