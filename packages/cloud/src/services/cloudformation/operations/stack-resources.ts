import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { ResourceRow } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findStack, resourcesOf, tables } from "../store.ts";

const common = (row: ResourceRow) => ({
  LogicalResourceId: row.logicalId,
  PhysicalResourceId: row.physicalId ?? row.pending?.physicalId,
  ResourceType: row.type,
  ResourceStatus: row.status,
  ResourceStatusReason: row.statusReason,
});

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html */
export const describeStackResource: Handler<Sdk, "describeStackResource"> = (ctx, input) => {
  const stack = findStack(ctx, input.StackName, `Stack '${input.StackName}' does not exist`);
  const row = ctx.table(tables.resources).get([stack.id, input.LogicalResourceId]);
  if (row === undefined)
    throw errors.ValidationError(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
  return {
    StackResourceDetail: {
      ...common(row),
      StackId: stack.id,
      StackName: stack.name,
      LastUpdatedTimestamp: new Date(row.updatedAt),
      Metadata: row.metadata === undefined ? "{}" : JSON.stringify(row.metadata),
      DriftInformation: { StackResourceDriftStatus: "NOT_CHECKED" },
    },
  };
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html */
export const describeStackResources: Handler<Sdk, "describeStackResources"> = (ctx, input) => {
  const { StackName: name, PhysicalResourceId: physicalId, LogicalResourceId: logicalId } = input;
  if ((name === undefined) === (physicalId === undefined)) {
    throw errors.ValidationError("You must specify either StackName or PhysicalResourceId, but not both.");
  }
  const owner =
    name ??
    [...ctx.table(tables.resources).entries()].find(
      ([, row]) => row.physicalId === physicalId && !row.status.startsWith("DELETE"),
    )?.[0][0];
  const stack = findStack(ctx, owner, name === undefined ? `Stack for ${physicalId} does not exist` : undefined);
  const rows = resourcesOf(ctx, stack.id).filter((row) => logicalId === undefined || row.logicalId === logicalId);
  return {
    StackResources: rows.map((row) => ({
      ...common(row),
      StackId: stack.id,
      StackName: stack.name,
      Timestamp: new Date(row.updatedAt),
      DriftInformation: { StackResourceDriftStatus: "NOT_CHECKED" },
    })),
  };
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html */
export const listStackResources: Handler<Sdk, "listStackResources"> = (ctx, input) => {
  const stack = findStack(ctx, input.StackName);
  const { items, next } = pageOfList(resourcesOf(ctx, stack.id), input.NextToken, 100, errors.ValidationError);
  return {
    StackResourceSummaries: items.map((row) => ({
      ...common(row),
      LastUpdatedTimestamp: new Date(row.updatedAt),
      DriftInformation: { StackResourceDriftStatus: "NOT_CHECKED" },
    })),
    NextToken: next,
  };
};
