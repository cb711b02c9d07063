/** @see https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
export const limits = {
  recordBytes: 10 * 1024 * 1024,
  recordsInPut: 500,
  putBytes: 10 * 1024 * 1024,
  recordsInGet: 10_000,
  getBytes: 10 * 1024 * 1024,
  partitionKeyCharacters: 256,
  /** What a shard takes in a second. */
  shardRecords: 1000,
  shardBytes: 1024 * 1024,
  /** What a stream on demand takes in a second at first, and at the most. */
  onDemandRecords: 4000,
  onDemandBytes: 4 * 1024 * 1024,
  onDemandMostRecords: 200_000,
  onDemandMostBytes: 200 * 1024 * 1024,
  /** What a shard gives in a second. */
  shardReads: 5,
  shardReadBytes: 2 * 1024 * 1024,
  iteratorMs: 5 * 60_000,
  shards: 20_000,
  onDemandShards: 4,
  onDemandStreams: 50,
  retentionHours: { least: 24, most: 8760 },
  consumers: 20,
} as const;
