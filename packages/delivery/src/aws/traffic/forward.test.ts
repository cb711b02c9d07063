import { describe, expect, it } from "vitest";
import { withWeight } from "./forward.ts";

const after = (
  weights: Readonly<Record<string, number>>,
  group: string,
  weight: number | undefined,
  own: string | undefined,
) => Object.fromEntries(withWeight(new Map(Object.entries(weights)), group, weight, own));

describe("a listener's weights, after one was set", () => {
  it.each([
    ["a first group waits", { own: 1 }, "a", 0, { own: 1, a: 0 }],
    ["a first group serves", { own: 1, a: 0 }, "a", 100, { a: 100 }],
    ["a second one waits", { a: 100 }, "b", 0, { a: 100, b: 0 }],
    ["both serve", { a: 100, b: 0 }, "b", 25, { a: 100, b: 25 }],
    ["the first serves no more", { a: 100, b: 100 }, "a", 0, { a: 0, b: 100 }],
    ["the first is gone", { a: 0, b: 100 }, "a", undefined, { b: 100 }],
    ["the last serves no more", { b: 100 }, "b", 0, { b: 0, own: 1 }],
    ["the last is gone", { b: 100 }, "b", undefined, { own: 1 }],
    ["nothing is new", { a: 100, b: 25 }, "b", 25, { a: 100, b: 25 }],
    ["one that is gone already goes", { a: 100 }, "b", undefined, { a: 100 }],
  ])("%s", (_, before, group, weight, weights) => {
    expect(after(before, group, weight, "own")).toEqual(weights);
  });

  it("leave the fleet's own target group as it is while a group that no rollout made serves in it", () => {
    expect(after({ own: 100 }, "a", 25, undefined)).toEqual({ own: 100, a: 25 });
    expect(after({ own: 100, a: 100 }, "own", 0, undefined)).toEqual({ own: 0, a: 100 });
    expect(after({ own: 100 }, "own", 50, undefined)).toEqual({ own: 50 });
    // An action forwards to one at least.
    expect(after({ own: 100 }, "own", undefined, undefined)).toEqual({ own: 0 });
  });
});
