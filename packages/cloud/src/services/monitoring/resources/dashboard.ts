import { isAwsError } from "../../../kernel/errors.ts";
import type { ResourceType } from "../../../kernel/resource.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-dashboard.html */
export const dashboard: ResourceType = {
  properties: ["DashboardBody", "DashboardName", "Tags"],
  required: ["DashboardBody"],
  replacedBy: ["DashboardName"],
  async create(ctx, properties, request) {
    const name = (properties["DashboardName"] as string | undefined) ?? request.generatedName();
    await ctx.call.monitoring.putDashboard({ DashboardName: name, DashboardBody: String(properties["DashboardBody"]) });
    return { status: "done", id: name, attributes: {} };
  },
  async update(ctx, id, properties) {
    await ctx.call.monitoring.putDashboard({ DashboardName: id, DashboardBody: String(properties["DashboardBody"]) });
    return { status: "done", id, attributes: {} };
  },
  async remove(ctx, id) {
    try {
      await ctx.call.monitoring.deleteDashboards({ DashboardNames: [id] });
    } catch (error) {
      if (!isAwsError(error, "DashboardNotFoundError")) throw error;
    }
    return { status: "done" };
  },
};
