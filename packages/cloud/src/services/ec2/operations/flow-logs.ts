import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, refuse } from "../errors.ts";
import { kindOfId, kinds } from "../kinds.ts";
import type { FlowLogRow } from "../model.ts";
import { removeWithTags } from "../networking/removing.ts";
import { describeKind, find, newId, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, putTags, specifiedTags } from "../tags.ts";

const show = (ctx: Context, row: FlowLogRow) => withTags(ctx, row.FlowLogId, row);

const usualFormat =
  "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

/**
 * Recorded: no traffic passes where it could be logged.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html
 */
export const createFlowLogs: Handler<Sdk, "createFlowLogs"> = (ctx, input) => {
  refuse(
    input,
    ["DeliverCrossAccountRole", "DestinationOptions", "TagFieldSpecifications"],
    "Trysail records flow logs, and delivers none.",
  );
  checkSpecifications(input.TagSpecifications, "vpc-flow-log");
  const rows = input.ResourceIds.map((ResourceId): FlowLogRow => {
    const kind = kindOfId(ResourceId);
    if (kind === undefined) throw errors.InvalidParameterValue(`Invalid resource ID: ${ResourceId}`);
    find(ctx, kind, ResourceId);
    return {
      FlowLogId: newId(ctx, kinds.flowLog),
      ResourceId,
      CreationTime: new Date(ctx.now),
      DeliverLogsPermissionArn: input.DeliverLogsPermissionArn,
      DeliverLogsStatus: "SUCCESS",
      FlowLogStatus: "ACTIVE",
      LogDestination: input.LogDestination,
      LogDestinationType: input.LogDestinationType ?? "cloud-watch-logs",
      LogFormat: input.LogFormat ?? usualFormat,
      LogGroupName: input.LogGroupName,
      MaxAggregationInterval: input.MaxAggregationInterval ?? 600,
      TrafficType: input.TrafficType,
    };
  });
  for (const row of rows) {
    ctx.table(tables.flowLogs).put(row.FlowLogId, row);
    putTags(ctx, row.FlowLogId, specifiedTags(input.TagSpecifications, "vpc-flow-log"));
  }
  return { FlowLogIds: rows.map(({ FlowLogId }) => FlowLogId), ClientToken: input.ClientToken, Unsuccessful: [] };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeFlowLogs.html */
export const describeFlowLogs: Handler<Sdk, "describeFlowLogs"> = (ctx, input) => {
  const { FlowLogIds, Filter: Filters, MaxResults, NextToken } = input;
  const { items, next } = describeKind(ctx, kinds.flowLog, FlowLogIds, { Filters, MaxResults, NextToken }, (row) =>
    show(ctx, row),
  );
  return { FlowLogs: items, NextToken: next };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteFlowLogs.html */
export const deleteFlowLogs: Handler<Sdk, "deleteFlowLogs"> = (ctx, input) => {
  for (const id of input.FlowLogIds) {
    find(ctx, kinds.flowLog, id);
    removeWithTags(ctx, kinds.flowLog, id);
  }
  return { Unsuccessful: [] };
};
