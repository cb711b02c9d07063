import { describe, expect, it } from "vitest";
import { readFilters } from "./filter.ts";
import { eventOf } from "./event.ts";
import { resultOf } from "./response.ts";

const sequences = ["1", "2", "3"];
const answer = (payload: unknown, tells = true) =>
  resultOf(
    {
      status: "succeeded",
      payload: Buffer.from(payload === undefined ? "" : JSON.stringify(payload)),
      tail: "",
      durationMs: 1,
    },
    sequences,
    tells,
  );
const failures = (...ids: readonly unknown[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

describe("what a function answers to a batch", () => {
  it.each([undefined, null, {}, { batchItemFailures: [] }, { batchItemFailures: null }])("%j is success", (payload) => {
    expect(answer(payload)).toEqual({ status: "succeeded" });
  });

  it.each([
    failures(""),
    failures(null),
    { batchItemFailures: [{ wrong: "1" }] },
    failures("9"),
    "text",
    failures("1", 2),
  ])("%j is failure of all", (payload) => {
    expect(answer(payload)).toEqual({ status: "failed" });
  });

  it("tells the first record that failed, if the mapping asks for that", () => {
    expect(answer(failures("3", "2"))).toEqual({ status: "failed-from", index: 1 });
    expect(answer(failures("3", "2"), false)).toEqual({ status: "succeeded" });
  });
});

describe("filters", () => {
  const event = (data: string) =>
    eventOf(
      { SequenceNumber: "1", PartitionKey: "key", Data: Buffer.from(data) },
      { streamArn: "arn", region: "us-east-1", shard: "shardId-000000000000", role: "" },
    );
  const matches = (data: string, ...patterns: readonly object[]) =>
    readFilters({ Filters: patterns.map((one) => ({ Pattern: JSON.stringify(one) })) })(event(data));

  it("look into data that is JSON, and at the partition key; one of them is enough", () => {
    expect(matches(`{"a":{"b":1}}`, { data: { a: { b: [1] } } })).toBe(true);
    expect(matches(`{"a":{"b":2}}`, { data: { a: { b: [1] } } })).toBe(false);
    expect(matches("no JSON", { data: { a: [1] } })).toBe(false);
    expect(matches("no JSON", { data: { a: [1] } }, { partitionKey: ["key"] })).toBe(true);
    expect(readFilters(undefined)(event("anything"))).toBe(true);
  });
});
