import type { _Record as KinesisRecord } from "@aws-sdk/client-kinesis";

/** What a record's event says beside the record. */
export interface Origin {
  readonly streamArn: string;
  readonly region: string;
  readonly shard: string;
  /** The function's role, which AWS reads the stream as. */
  readonly role: string;
}

/** A record as functions get it. @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html#kinesis-example-event */
export function eventOf(record: KinesisRecord, { streamArn, region, shard, role }: Origin) {
  return {
    kinesis: {
      kinesisSchemaVersion: "1.0",
      partitionKey: record.PartitionKey ?? "",
      sequenceNumber: record.SequenceNumber ?? "",
      data: Buffer.from(record.Data ?? []).toString("base64"),
      approximateArrivalTimestamp: (record.ApproximateArrivalTimestamp?.getTime() ?? 0) / 1000,
    },
    eventSource: "aws:kinesis",
    eventVersion: "1.0",
    eventID: `${shard}:${record.SequenceNumber ?? ""}`,
    eventName: "aws:kinesis:record",
    invokeIdentityArn: role,
    awsRegion: region,
    eventSourceARN: streamArn,
  };
}

export type RecordEvent = ReturnType<typeof eventOf>;
