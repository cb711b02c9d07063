import { messageOf, parseAccountId, parseRegion } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { functionArn } from "../names.ts";
import type { Condition, Waiting } from "./batch.ts";
import type { EventSourceMapping } from "./model.ts";

/** Records that a mapping goes on without. */
export interface GivenUp {
  readonly shard: string;
  readonly records: readonly Waiting[];
  readonly condition: Condition;
  readonly attempts: number;
  /** Of the last call of the function, where it was reached. */
  readonly requestId?: string;
  readonly executed?: string | undefined;
  readonly hasFailed?: boolean;
}

/** What a destination is told: where the records are, not what is in them. */
export function recordOf(ctx: Context, mapping: EventSourceMapping, given: GivenUp): object {
  const { shard, records, condition, attempts, requestId, executed, hasFailed } = given;
  const [first] = records;
  const last = records.at(-1);
  const timeOf = (record: Waiting | undefined) => new Date(record?.arrivedAt ?? ctx.now).toISOString();
  return {
    requestContext: {
      requestId: requestId ?? ctx.ids.uuid(),
      functionArn: functionArn(ctx, mapping.functionName, mapping.qualifier),
      condition,
      approximateInvokeCount: attempts,
    },
    ...(executed !== undefined && {
      responseContext: {
        statusCode: 200,
        executedVersion: executed,
        ...(hasFailed === true && { functionError: "Unhandled" }),
      },
    }),
    version: "1.0",
    timestamp: new Date(ctx.now).toISOString(),
    KinesisBatchInfo: {
      shardId: shard,
      startSequenceNumber: first?.sequence,
      endSequenceNumber: last?.sequence,
      approximateArrivalOfFirstRecord: timeOf(first),
      approximateArrivalOfLastRecord: timeOf(last),
      batchSize: records.length,
      streamArn: mapping.streamArn,
    },
  };
}

/**
 * Tells the mapping's destination, if it has one, of records that are given up.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export async function tellDestination(ctx: Context, mapping: EventSourceMapping, given: GivenUp): Promise<void> {
  const { onFailure: TopicArn } = mapping.settings;
  if (TopicArn === undefined) return;
  const [, , , region = "", account = ""] = TopicArn.split(":");
  const there = ctx.as({ region: parseRegion(region) ?? ctx.region, account: parseAccountId(account) ?? ctx.account });
  try {
    await there.call.sns.publish({ TopicArn, Message: JSON.stringify(recordOf(ctx, mapping, given)) });
  } catch (error) {
    ctx.log.warn("a stream's destination cannot be told", { target: TopicArn, error: messageOf(error) });
    ctx.measure({
      namespace: "AWS/Lambda",
      name: "DestinationDeliveryFailures",
      unit: "Count",
      series: [{ FunctionName: mapping.functionName }],
      values: [1],
    });
  }
}
