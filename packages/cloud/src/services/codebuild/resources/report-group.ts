import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { arnOf } from "../store.ts";
import { toMembers } from "./properties.ts";

interface ReportGroupProperties {
  readonly Name?: string;
  readonly Type?: "TEST" | "CODE_COVERAGE";
  readonly ExportConfig?: object;
  readonly DeleteReports?: boolean | string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

type ExportConfig = { readonly exportConfigType?: "S3" | "NO_EXPORT" };

const tagsOf = (properties: ReportGroupProperties, request: ResourceRequest) =>
  [...request.tags, ...(properties.Tags ?? [])].map(({ Key, Value }) => ({ key: Key, value: Value }));

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codebuild-reportgroup.html */
export const reportGroup: ResourceType = {
  properties: ["Name", "Type", "ExportConfig", "DeleteReports", "Tags"],
  required: ["Type", "ExportConfig"],
  replacedBy: ["Name", "Type"],

  async create(ctx, properties: ReportGroupProperties, request) {
    const name = properties.Name ?? request.generatedName({ maxLength: 128 });
    const arn = arnOf(ctx, `report-group/${name}`);
    try {
      await ctx.call.codebuild.createReportGroup({
        name,
        type: properties.Type ?? "TEST",
        exportConfig: toMembers(properties.ExportConfig) as ExportConfig,
        tags: tagsOf(properties, request),
      });
    } catch (error) {
      if (!isAwsError(error, "ResourceAlreadyExistsException")) throw error;
      const { reportGroups = [] } = await ctx.call.codebuild.batchGetReportGroups({ reportGroupArns: [arn] });
      const tags = (reportGroups[0]?.tags ?? []).map(({ key, value }) => ({ Key: key, Value: value }));
      if (!isMadeFor(request, tags)) throw error;
    }
    return { status: "done", id: arn, attributes: { Arn: arn } };
  },

  async update(ctx, id, properties: ReportGroupProperties & Properties, _previous, request) {
    await ctx.call.codebuild.updateReportGroup({
      arn: id,
      exportConfig: toMembers(properties.ExportConfig) as ExportConfig,
      tags: tagsOf(properties, request),
    });
    return { status: "done", id, attributes: { Arn: id } };
  },

  async remove(ctx, id, { DeleteReports: deletes }: ReportGroupProperties) {
    await ctx.call.codebuild.deleteReportGroup({ arn: id, deleteReports: deletes === true || deletes === "true" });
    return { status: "done" };
  },
};
