import type { OperationEvent } from "@aws-sdk/client-cloudformation";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { ChangeSet } from "../changes/change-set.ts";
import { findChangeSet } from "../changes/find-change-set.ts";
import { errors } from "../errors.ts";
import type { StackEvent } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findStack, tables } from "../store.ts";

/** What both calls tell of an event. */
function shown(event: StackEvent) {
  return {
    StackId: event.stackId,
    EventId: event.id,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    Timestamp: new Date(event.at),
    ResourceStatus: event.status,
    ResourceStatusReason: event.statusReason,
    ResourceProperties: event.properties,
    ClientRequestToken: event.clientRequestToken,
  };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html */
export const describeStackEvents: Handler<Sdk, "describeStackEvents"> = (ctx, input) => {
  const stack = findStack(ctx, input.StackName, `Stack [${input.StackName}] does not exist`);
  const { items, next } = pageOf(
    (options: { readonly after?: [string, number] }) =>
      ctx.table(tables.events).entries({ ...options, prefix: [stack.id], reverse: true }),
    input.NextToken,
    100,
    errors.ValidationError,
  );
  return {
    StackEvents: items.map((event) => ({ ...shown(event), StackName: event.stackName })),
    NextToken: next,
  };
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeEvents.html */
export const describeEvents: Handler<Sdk, "describeEvents"> = (ctx, input) => {
  if (input.ChangeSetName !== undefined) {
    return { OperationEvents: describeProblems(findChangeSet(ctx, input.ChangeSetName, input.StackName)) };
  }
  const stack = findStack(ctx, input.StackName, `Stack [${input.StackName ?? ""}] does not exist`);
  function* matching(options: { readonly after?: [string, number] }): Generator<[[string, number], StackEvent]> {
    for (const entry of ctx.table(tables.events).entries({ ...options, prefix: [stack.id], reverse: true })) {
      const [, event] = entry;
      const isWanted = input.OperationId === undefined || event.operation === input.OperationId;
      if (isWanted && (input.Filters?.FailedEvents !== true || event.status.endsWith("FAILED"))) yield entry;
    }
  }
  const { items, next } = pageOf(matching, input.NextToken, 100, errors.ValidationError);
  return {
    OperationEvents: items.map((event): OperationEvent => ({
      ...shown(event),
      OperationId: event.operation,
      EventType: "STACK_EVENT",
    })),
    NextToken: next,
  };
};

/** A change set is validated at once when it is made: its events are what was found. */
function describeProblems(set: ChangeSet): OperationEvent[] {
  return set.problems.map(({ logicalId, type, path, reason }, place) => ({
    EventId: `${set.id}/${place}`,
    StackId: set.stackId,
    OperationType: "CREATE_CHANGESET",
    EventType: "VALIDATION_ERROR",
    LogicalResourceId: logicalId,
    ResourceType: type,
    Timestamp: new Date(set.createdAt),
    ValidationName: "PROPERTY_VALIDATION",
    ValidationStatus: "FAILED",
    ValidationFailureMode: "FAIL",
    ValidationStatusReason: reason,
    ValidationPath: path,
  }));
}
