import type { Route } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, refuse } from "../errors.ts";
import { kinds } from "../kinds.ts";
import type { RouteTableRow } from "../model.ts";
import { makeRouteTable } from "../networking/making.ts";
import { removeWithTags } from "../networking/removing.ts";
import { checkedRoute, destinationOf, nameOfDestination } from "../networking/routes.ts";
import type { RouteInput } from "../networking/routes.ts";
import { describeKind, find, newId, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, putTags, specifiedTags } from "../tags.ts";

const show = (ctx: Context, { Associations, ...row }: RouteTableRow) => ({
  ...withTags(ctx, row.RouteTableId, row),
  Associations: [...Associations],
});

const save = (ctx: Context, row: RouteTableRow) => ctx.table(tables.routeTables).put(row.RouteTableId, row);

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html */
export const createRouteTable: Handler<Sdk, "createRouteTable"> = (ctx, input) => {
  const vpc = find(ctx, kinds.vpc, input.VpcId);
  checkSpecifications(input.TagSpecifications, "route-table");
  const id = makeRouteTable(ctx, vpc, { isMain: false });
  putTags(ctx, id, specifiedTags(input.TagSpecifications, "route-table"));
  return { RouteTable: show(ctx, find(ctx, kinds.routeTable, id)) };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html */
export const describeRouteTables: Handler<Sdk, "describeRouteTables"> = (ctx, input) => {
  const { items, next } = describeKind(ctx, kinds.routeTable, input.RouteTableIds, input, (row) => show(ctx, row));
  return { RouteTables: items, NextToken: next };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html */
export const deleteRouteTable: Handler<Sdk, "deleteRouteTable"> = (ctx, input) => {
  const { RouteTableId, Associations } = find(ctx, kinds.routeTable, input.RouteTableId);
  if (Associations.length > 0)
    throw errors.DependencyViolation(`The routeTable '${RouteTableId}' has dependencies and cannot be deleted.`);
  removeWithTags(ctx, kinds.routeTable, RouteTableId);
  return {};
};

function findAssociation(ctx: Context, id: string) {
  for (const table of ctx.table(tables.routeTables).values()) {
    const association = table.Associations.find(({ RouteTableAssociationId }) => RouteTableAssociationId === id);
    if (association !== undefined) return { table, association };
  }
  throw errors["InvalidAssociationID.NotFound"](`The association ID '${id}' does not exist`);
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html */
export const associateRouteTable: Handler<Sdk, "associateRouteTable"> = (ctx, input) => {
  refuse(input, ["GatewayId", "PublicIpv4Pool"], "Trysail associates route tables with subnets only.");
  const table = find(ctx, kinds.routeTable, input.RouteTableId);
  if (input.SubnetId === undefined)
    throw errors.MissingParameter("The request must contain the parameter subnetId or gatewayId");
  const { SubnetId, VpcId } = find(ctx, kinds.subnet, input.SubnetId);
  if (VpcId !== table.VpcId)
    throw errors.InvalidParameterValue(
      `Route table ${table.RouteTableId} and subnet ${SubnetId} belong to different networks`,
    );
  const isTaken = [...ctx.table(tables.routeTables).values()].some(({ Associations }) =>
    Associations.some((one) => one.SubnetId === SubnetId),
  );
  if (isTaken)
    throw errors["Resource.AlreadyAssociated"](
      `the specified association for route table ${table.RouteTableId} conflicts with an existing association`,
    );
  const AssociationId = newId(ctx, { prefix: "rtbassoc" });
  const association = {
    Main: false,
    RouteTableAssociationId: AssociationId,
    RouteTableId: table.RouteTableId,
    SubnetId,
    AssociationState: { State: "associated" },
  } as const;
  save(ctx, { ...table, Associations: [...table.Associations, association] });
  return { AssociationId, AssociationState: { State: "associated" } };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateRouteTable.html */
export const disassociateRouteTable: Handler<Sdk, "disassociateRouteTable"> = (ctx, input) => {
  const { table, association } = findAssociation(ctx, input.AssociationId);
  if (association.Main)
    throw errors.InvalidParameterValue(`cannot disassociate the main route table association ${input.AssociationId}`);
  save(ctx, { ...table, Associations: table.Associations.filter((one) => one !== association) });
  return {};
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRouteTableAssociation.html */
export const replaceRouteTableAssociation: Handler<Sdk, "replaceRouteTableAssociation"> = (ctx, input) => {
  const { table, association } = findAssociation(ctx, input.AssociationId);
  const target = find(ctx, kinds.routeTable, input.RouteTableId);
  const NewAssociationId = newId(ctx, { prefix: "rtbassoc" });
  const moved = { ...association, RouteTableAssociationId: NewAssociationId, RouteTableId: target.RouteTableId };
  save(ctx, { ...table, Associations: table.Associations.filter((one) => one !== association) });
  const now = find(ctx, kinds.routeTable, target.RouteTableId);
  save(ctx, { ...now, Associations: [...now.Associations, moved] });
  return { NewAssociationId, AssociationState: { State: "associated" } };
};

const isTo = (destination: string) => (route: Route) => destinationOf(route) === destination;

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html */
export const createRoute: Handler<Sdk, "createRoute"> = (ctx, input) => {
  const table = find(ctx, kinds.routeTable, input.RouteTableId);
  const route = checkedRoute(ctx, input);
  const existing = table.Routes.find(isTo(destinationOf(route)));
  if (existing !== undefined)
    throw errors.RouteAlreadyExists(`The route identified by ${destinationOf(route)} already exists.`);
  save(ctx, { ...table, Routes: [...table.Routes, route] });
  return { Return: true };
};

function findRoute(table: RouteTableRow, input: RouteInput): Route {
  const route = table.Routes.find(isTo(destinationOf(input)));
  if (route !== undefined) return route;
  throw errors["InvalidRoute.NotFound"](
    `no route with ${nameOfDestination(input)} ${destinationOf(input)} in route table ${table.RouteTableId}`,
  );
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRoute.html */
export const replaceRoute: Handler<Sdk, "replaceRoute"> = (ctx, input) => {
  refuse(input, ["LocalTarget"], "the local route stays as it is.");
  const table = find(ctx, kinds.routeTable, input.RouteTableId);
  const before = findRoute(table, input);
  const route = checkedRoute(ctx, input);
  save(ctx, { ...table, Routes: table.Routes.map((one) => (one === before ? route : one)) });
  return {};
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRoute.html */
export const deleteRoute: Handler<Sdk, "deleteRoute"> = (ctx, input) => {
  const table = find(ctx, kinds.routeTable, input.RouteTableId);
  const route = findRoute(table, input);
  if (route.GatewayId === "local")
    throw errors.InvalidParameterValue(
      `cannot remove local route ${destinationOf(route)} in route table ${table.RouteTableId}`,
    );
  save(ctx, { ...table, Routes: table.Routes.filter((one) => one !== route) });
  return {};
};
