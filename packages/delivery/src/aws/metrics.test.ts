import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { onGrid, wholePeriods } from "./metrics.ts";
import { balancerDimension, filled, type Placeholders } from "./placeholders.ts";

const minute = 60_000;

describe("values by their periods", () => {
  it.each([
    ["all that are there", [0, 1, 2], [10, 11, 12]],
    ["none", [], [Number.NaN, Number.NaN, Number.NaN]],
    ["one that is missing", [0, 2], [10, Number.NaN, 12]],
    ["in another order", [2, 0, 1], [10, 11, 12]],
    ["some before and after the window", [-1, 1, 3], [Number.NaN, 11, Number.NaN]],
  ])("%s", (_, minutes, values) => {
    const points = minutes.map((at) => ({ at: (at + 5) * minute, value: at + 10 }));
    expect(onGrid(points, { from: 5 * minute, to: 8 * minute }, minute)).toEqual(values);
  });

  it.each([
    [0, 3 * minute, 0, 3 * minute],
    [1, 3 * minute, minute, 3 * minute],
    [0, 3 * minute - 1, 0, 2 * minute],
    [minute + 1, 2 * minute - 1, 2 * minute, minute],
  ])("count those that are in the window as a whole: %d to %d", (from, to, first, last) => {
    expect(wholePeriods({ from, to }, minute)).toEqual({ from: first, to: last });
  });

  it("have one value for each period, each in its place", () => {
    fc.assert(
      fc.property(
        fc.nat(1_000),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.nat(60), { maxLength: 40 }),
        (begin, length, offsets) => {
          const from = begin * minute;
          const points = offsets.map((offset) => ({ at: from + offset * minute, value: offset }));
          const values = onGrid(points, { from, to: from + length * minute }, minute);
          expect(values).toEqual(Array.from({ length }, (_, index) => (offsets.includes(index) ? index : Number.NaN)));
        },
      ),
    );
  });
});

describe("a query's text", () => {
  const placeholders: Placeholders = {
    serverGroup: "playback-v001",
    cluster: "playback",
    region: "us-east-1",
    loadBalancer: "app/playback/1a",
    targetGroup: "targetgroup/playback/2b",
  };

  it("is told what is known only when it is asked", () => {
    expect(filled("SELECT AVG(Latency) WHERE Group = '${serverGroup}' AND Region = '${region}'", placeholders)).toBe(
      "SELECT AVG(Latency) WHERE Group = 'playback-v001' AND Region = 'us-east-1'",
    );
    expect(filled("${loadBalancer} ${targetGroup} ${cluster}", placeholders)).toBe(
      "app/playback/1a targetgroup/playback/2b playback",
    );
  });

  it("keeps what means something else", () => {
    expect(filled("${toString} ${LABEL} $serverGroup", placeholders)).toBe("${toString} ${LABEL} $serverGroup");
  });

  const account = "arn:aws:elasticloadbalancing:us-east-1:123456789012";
  it.each([
    [`${account}:loadbalancer/app/playback/1a`, "app/playback/1a"],
    [`${account}:listener/app/playback/1a/2b`, "app/playback/1a"],
    [`${account}:listener-rule/app/playback/1a/2b/3c`, "app/playback/1a"],
    [`${account}:listener/net/playback/1a/2b`, "net/playback/1a"],
    ["", ""],
  ])("names a balancer as CloudWatch does: %s", (arn, dimension) => {
    expect(balancerDimension(arn)).toBe(dimension);
  });
});
