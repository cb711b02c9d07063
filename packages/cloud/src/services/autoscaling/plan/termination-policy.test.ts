import { describe, expect, it } from "vitest";
import { chooseVictim } from "./termination-policy.ts";
import { instanceOf } from "./world.test-kit.ts";

const hour = 3_600_000;
const version = (number: string) =>
  ({ from: { kind: "template", template: { id: "lt-1", name: "web", version: number } } }) as const;
const choose = (policies: readonly string[], ...instances: Parameters<typeof instanceOf>[]) =>
  chooseVictim(
    ["a", "b"],
    policies,
    instances.map(([id, change]) => instanceOf(id, change)),
    10 * hour,
  )?.id;

describe("the choice of the instance that scaling in terminates", () => {
  it("is made in the zone with the most instances", () => {
    expect(
      choose(
        ["OldestInstance"],
        ["1", { zone: "b", launchedAt: 0 }],
        ["2", { launchedAt: 5 }],
        ["3", { launchedAt: 9 }],
      ),
    ).toBe("2");
  });

  it("never falls on a protected one", () => {
    expect(choose(["Default"], ["1", { protected: true }], ["2", { protected: true }])).toBeUndefined();
    expect(choose(["Default"], ["1", { protected: true }], ["2", {}], ["3", { zone: "b" }])).toBe("2");
  });

  it.each([
    [["OldestInstance"], "old"],
    [["NewestInstance"], "new"],
    [["OldestLaunchTemplate"], "new"],
    [["ClosestToNextInstanceHour"], "old"],
    [["Default"], "new"],
    [["AllocationStrategy", "OldestInstance"], "old"],
  ])("follows %j", (policies, expected) => {
    // One minute before its hour, and of the newer version; five minutes after it, and of the older.
    const chosen = choose(
      policies,
      ["old", { launchedAt: 60_000, ...version("2") }],
      ["new", { launchedAt: 8 * hour - 300_000, ...version("1") }],
    );
    expect(chosen).toBe(expected);
  });

  it("takes zones first that the group has left", () => {
    expect(choose(["Default"], ["1", {}], ["2", {}], ["3", { zone: "gone" }])).toBe("3");
  });
});
