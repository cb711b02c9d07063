import { isAwsError } from "../../../kernel/errors.ts";
import type { ResourceType } from "../../../kernel/resource.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kinesis-streamconsumer.html */
export const consumer: ResourceType = {
  properties: ["ConsumerName", "StreamARN", "Tags"],
  required: ["ConsumerName", "StreamARN"],
  replacedBy: ["ConsumerName", "StreamARN"],
  async create(ctx, properties) {
    const StreamARN = String(properties["StreamARN"]);
    const ConsumerName = String(properties["ConsumerName"]);
    const { Consumer } = await ctx.call.kinesis.registerStreamConsumer({ StreamARN, ConsumerName });
    const { ConsumerARN = "", ConsumerStatus = "", ConsumerCreationTimestamp } = Consumer ?? {};
    return {
      status: "done",
      id: ConsumerARN,
      attributes: {
        ConsumerARN,
        ConsumerName,
        ConsumerStatus,
        ConsumerCreationTimestamp: String((ConsumerCreationTimestamp?.getTime() ?? 0) / 1000),
        StreamARN,
      },
    };
  },
  async update(ctx, id) {
    const { ConsumerDescription: found } = await ctx.call.kinesis.describeStreamConsumer({ ConsumerARN: id });
    return { status: "done", id, attributes: { ConsumerARN: id, ConsumerName: found?.ConsumerName ?? "" } };
  },
  async remove(ctx, id) {
    try {
      await ctx.call.kinesis.deregisterStreamConsumer({ ConsumerARN: id });
    } catch (error) {
      if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
