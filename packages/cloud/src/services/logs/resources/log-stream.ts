import { isAwsError } from "../../../kernel/errors.ts";
import type { ResourceType } from "../../../kernel/resource.ts";

interface LogStreamProperties {
  readonly LogGroupName?: string;
  readonly LogStreamName?: string;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-logstream.html */
export const logStream: ResourceType = {
  properties: ["LogGroupName", "LogStreamName"],
  required: ["LogGroupName"],
  replacedBy: ["LogGroupName", "LogStreamName"],

  async create(ctx, { LogGroupName: logGroupName = "", LogStreamName: name }: LogStreamProperties, request) {
    const logStreamName = name ?? request.generatedName({ maxLength: 512 });
    try {
      await ctx.call.logs.createLogStream({ logGroupName, logStreamName });
    } catch (error) {
      if (name !== undefined || !isAwsError(error, "ResourceAlreadyExistsException")) throw error;
    }
    return { status: "done", id: logStreamName, attributes: {} };
  },

  async remove(ctx, id, { LogGroupName: logGroupName = "" }: LogStreamProperties) {
    try {
      await ctx.call.logs.deleteLogStream({ logGroupName, logStreamName: id });
    } catch (error) {
      if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
