import { defineService } from "../../kernel/service.ts";
import { lifecycle } from "./lifecycle.ts";
import * as encryption from "./operations/encryption.ts";
import * as consumers from "./operations/consumers.ts";
import * as reading from "./operations/get-records.ts";
import * as writing from "./operations/put-records.ts";
import { listShards, mergeShards, splitShard, updateShardCount } from "./operations/shards.ts";
import * as streams from "./operations/streams.ts";
import * as tags from "./operations/tags.ts";
import { consumer } from "./resources/consumer.ts";
import { stream } from "./resources/stream.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

/** Kinesis Data Streams. */
export const kinesis = defineService<Sdk>({
  id: "kinesis",
  scope: "regional",
  tables,
  operations: {
    ...consumers,
    ...encryption,
    ...reading,
    ...streams,
    ...tags,
    ...writing,
    listShards,
    mergeShards,
    splitShard,
    updateShardCount,
  },
  controllers: [lifecycle],
  resources: {
    "AWS::Kinesis::Stream": stream,
    "AWS::Kinesis::StreamConsumer": consumer,
  },
});
