import type { DashboardValidationMessage } from "@aws-sdk/client-cloudwatch";
import { partitionOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";

const arnOf = ({ region, account }: Context, name: string) =>
  `arn:${partitionOf(region)}:cloudwatch::${account}:dashboard/${name}`;

/** What a dashboard's body must have. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
function faultsIn(body: string): DashboardValidationMessage[] {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return [{ DataPath: "/", Message: "The field DashboardBody must be a valid JSON object" }];
  }
  if (typeof document !== "object" || document === null || Array.isArray(document))
    return [{ DataPath: "/", Message: "The field DashboardBody must be a valid JSON object" }];
  const { widgets } = document as { readonly widgets?: unknown };
  if (widgets === undefined) return [{ DataPath: "/", Message: "Should have required property: widgets" }];
  if (!Array.isArray(widgets)) return [{ DataPath: "/widgets", Message: "Should be an array" }];
  return (widgets as unknown[]).flatMap((widget, index) => {
    const isObject = typeof widget === "object" && widget !== null;
    if (!isObject) return [{ DataPath: `/widgets/${index}`, Message: "Should be an object" }];
    return "type" in widget ? [] : [{ DataPath: `/widgets/${index}`, Message: "Should have required property: type" }];
  });
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html */
export const putDashboard: Handler<Sdk, "putDashboard"> = (ctx, input) => {
  const { DashboardName: name, DashboardBody: body } = input;
  if (!/^[\w-]{1,255}$/.test(name))
    throw errors.DashboardInvalidInputError(
      `The value ${name} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).`,
      { dashboardValidationMessages: [] },
    );
  const faults = faultsIn(body);
  if (faults.length > 0)
    throw errors.DashboardInvalidInputError(
      `The dashboard body is invalid, there are ${faults.length} validation errors: ${JSON.stringify(faults)}`,
      { dashboardValidationMessages: faults },
    );
  ctx.table(tables.dashboards).put(name, { name, body, changedAt: ctx.now });
  return { DashboardValidationMessages: [] };
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetDashboard.html */
export const getDashboard: Handler<Sdk, "getDashboard"> = (ctx, { DashboardName: name }) => {
  const found = ctx.table(tables.dashboards).get(name);
  if (found === undefined) throw errors.DashboardNotFoundError(`Dashboard ${name} does not exist`);
  return { DashboardArn: arnOf(ctx, name), DashboardBody: found.body, DashboardName: name };
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListDashboards.html */
export const listDashboards: Handler<Sdk, "listDashboards"> = (ctx, input) => {
  const prefix = input.DashboardNamePrefix ?? "";
  const found = [...ctx.table(tables.dashboards).values({ startsWith: prefix })];
  const { items, next } = pageOfList(found, input.NextToken, 1000, errors.InvalidNextToken);
  const DashboardEntries = items.map(({ name, body, changedAt }) => ({
    DashboardArn: arnOf(ctx, name),
    DashboardName: name,
    LastModified: new Date(changedAt),
    Size: Buffer.byteLength(body),
  }));
  return { DashboardEntries, NextToken: next };
};

/** All of them, or none. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteDashboards.html */
export const deleteDashboards: Handler<Sdk, "deleteDashboards"> = (ctx, { DashboardNames: names }) => {
  const dashboards = ctx.table(tables.dashboards);
  const missing = names.find((name) => !dashboards.has(name));
  if (missing !== undefined) throw errors.DashboardNotFoundError(`Dashboard ${missing} does not exist`);
  for (const name of names) dashboards.delete(name);
  return {};
};
