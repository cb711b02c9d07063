import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Outcome, Properties, ResourceIdentity, ResourceType } from "../../../kernel/resource.ts";

const modeOf = (properties: Properties) =>
  (properties["StreamModeDetails"] as { readonly StreamMode?: "PROVISIONED" | "ON_DEMAND" } | undefined)?.StreamMode ??
  "PROVISIONED";

const defaultHours = 24;
const lookAgainMs = 50;

async function identity(ctx: Context, StreamName: string): Promise<Outcome<ResourceIdentity>> {
  const { StreamDescriptionSummary: found } = await ctx.call.kinesis.describeStreamSummary({ StreamName });
  // Called again then, to take the next step.
  if (found?.StreamStatus !== "ACTIVE") return { status: "waiting", until: ctx.now + lookAgainMs };
  return { status: "done", id: StreamName, attributes: { Arn: found.StreamARN ?? "", StreamId: found.StreamId ?? "" } };
}

/** Takes one step towards what the stream should be, beyond what it was created with: a stream that is being changed takes no other change. */
async function apply(ctx: Context, StreamName: string, properties: Properties): Promise<void> {
  const { kinesis } = ctx.call;
  const { StreamDescriptionSummary: found } = await kinesis.describeStreamSummary({ StreamName });
  if (found?.StreamStatus !== "ACTIVE") return;
  const hours = Number(properties["RetentionPeriodHours"] ?? defaultHours);
  const before = found.RetentionPeriodHours ?? defaultHours;
  if (hours > before) await kinesis.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: hours });
  if (hours < before) await kinesis.decreaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: hours });
  const KeyId = (properties["StreamEncryption"] as { readonly KeyId?: string } | undefined)?.KeyId;
  if (KeyId !== found.KeyId) {
    const EncryptionType = "KMS";
    if (KeyId !== undefined) await kinesis.startStreamEncryption({ StreamName, KeyId, EncryptionType });
    else await kinesis.stopStreamEncryption({ StreamName, KeyId: found.KeyId ?? "", EncryptionType });
    return;
  }
  const mode = modeOf(properties);
  if (mode !== found.StreamModeDetails?.StreamMode) {
    await kinesis.updateStreamMode({ StreamARN: found.StreamARN ?? "", StreamModeDetails: { StreamMode: mode } });
    return;
  }
  const count = Number(properties["ShardCount"] ?? found.OpenShardCount ?? 1);
  if (mode === "PROVISIONED" && count !== found.OpenShardCount)
    await kinesis.updateShardCount({ StreamName, TargetShardCount: count, ScalingType: "UNIFORM_SCALING" });
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kinesis-stream.html */
export const stream: ResourceType = {
  properties: ["Name", "RetentionPeriodHours", "ShardCount", "StreamEncryption", "StreamModeDetails", "Tags"],
  required: [],
  replacedBy: ["Name"],
  async create(ctx, properties, request) {
    const StreamName = (properties["Name"] as string | undefined) ?? request.generatedName();
    const StreamMode = modeOf(properties);
    try {
      await ctx.call.kinesis.createStream({
        StreamName,
        StreamModeDetails: { StreamMode },
        ...(StreamMode === "PROVISIONED" && { ShardCount: Number(properties["ShardCount"] ?? 1) }),
        Tags: Object.fromEntries(request.tags.map(({ Key, Value }) => [Key, Value])),
      });
    } catch (error) {
      const { Tags = [] } = await ctx.call.kinesis.listTagsForStream({ StreamName }).catch(() => ({ Tags: [] }));
      const isOwn = request.tags.every(({ Key, Value }) => Tags.some((tag) => tag.Key === Key && tag.Value === Value));
      // The attempt before, which was interrupted, has made it.
      if (!isAwsError(error, "ResourceInUseException") || !isOwn) throw error;
    }
    request.made(StreamName);
    await apply(ctx, StreamName, properties);
    return identity(ctx, StreamName);
  },
  async update(ctx, id, properties) {
    await apply(ctx, id, properties);
    return identity(ctx, id);
  },
  async remove(ctx, id) {
    try {
      await ctx.call.kinesis.deleteStream({ StreamName: id, EnforceConsumerDeletion: true });
    } catch (error) {
      if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
