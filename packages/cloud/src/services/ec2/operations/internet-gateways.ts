import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { kinds } from "../kinds.ts";
import type { InternetGatewayRow } from "../model.ts";
import { attachmentTo } from "../networking/making.ts";
import { removeWithTags } from "../networking/removing.ts";
import { describeKind, find, newId, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, putTags, specifiedTags } from "../tags.ts";

const show = (ctx: Context, row: InternetGatewayRow) => withTags(ctx, row.InternetGatewayId, row);

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html */
export const createInternetGateway: Handler<Sdk, "createInternetGateway"> = (ctx, input) => {
  checkSpecifications(input.TagSpecifications, "internet-gateway");
  const InternetGatewayId = newId(ctx, kinds.internetGateway);
  const row = { InternetGatewayId, OwnerId: ctx.account, Attachments: [] };
  ctx.table(tables.internetGateways).put(InternetGatewayId, row);
  putTags(ctx, InternetGatewayId, specifiedTags(input.TagSpecifications, "internet-gateway"));
  return { InternetGateway: show(ctx, row) };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInternetGateways.html */
export const describeInternetGateways: Handler<Sdk, "describeInternetGateways"> = (ctx, input) => {
  const { items, next } = describeKind(ctx, kinds.internetGateway, input.InternetGatewayIds, input, (row) =>
    show(ctx, row),
  );
  return { InternetGateways: items, NextToken: next };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html */
export const attachInternetGateway: Handler<Sdk, "attachInternetGateway"> = (ctx, input) => {
  const gateway = find(ctx, kinds.internetGateway, input.InternetGatewayId);
  const { VpcId } = find(ctx, kinds.vpc, input.VpcId);
  if (gateway.Attachments.length > 0)
    throw errors["Resource.AlreadyAssociated"](
      `resource ${gateway.InternetGatewayId} is already attached to network ${gateway.Attachments[0]?.VpcId}`,
    );
  const isTaken = [...ctx.table(tables.internetGateways).values()].some(({ Attachments }) =>
    Attachments.some((one) => one.VpcId === VpcId),
  );
  if (isTaken) throw errors.InvalidParameterValue(`Network ${VpcId} already has an internet gateway attached`);
  ctx.table(tables.internetGateways).put(gateway.InternetGatewayId, { ...gateway, Attachments: [attachmentTo(VpcId)] });
  return {};
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html */
export const detachInternetGateway: Handler<Sdk, "detachInternetGateway"> = (ctx, input) => {
  const gateway = find(ctx, kinds.internetGateway, input.InternetGatewayId);
  const { VpcId } = find(ctx, kinds.vpc, input.VpcId);
  if (!gateway.Attachments.some((one) => one.VpcId === VpcId))
    throw errors["Gateway.NotAttached"](`resource ${gateway.InternetGatewayId} is not attached to network ${VpcId}`);
  const subnets = new Set(
    [...ctx.table(tables.subnets).values()].filter((row) => row.VpcId === VpcId).map(({ SubnetId }) => SubnetId),
  );
  const hasPublicAddresses =
    [...ctx.table(tables.natGateways).values()].some(
      (row) => subnets.has(row.SubnetId) && row.State !== "deleted" && row.ConnectivityType !== "private",
    ) ||
    [...ctx.table(tables.instances).values()].some(
      (row) => row.vpcId === VpcId && row.hasPublicAddress && row.state !== "terminated" && row.state !== "stopped",
    );
  if (hasPublicAddresses)
    throw errors.DependencyViolation(
      `Network ${VpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
    );
  ctx.table(tables.internetGateways).put(gateway.InternetGatewayId, { ...gateway, Attachments: [] });
  return {};
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteInternetGateway.html */
export const deleteInternetGateway: Handler<Sdk, "deleteInternetGateway"> = (ctx, input) => {
  const { InternetGatewayId, Attachments } = find(ctx, kinds.internetGateway, input.InternetGatewayId);
  if (Attachments.length > 0)
    throw errors.DependencyViolation(
      `The internetGateway '${InternetGatewayId}' has dependencies and cannot be deleted.`,
    );
  removeWithTags(ctx, kinds.internetGateway, InternetGatewayId);
  return {};
};
