import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scaledIn, scaledOut } from "./target-tracking.ts";

const bounds = { min: 1, max: 20 };

describe("target tracking", () => {
  it.each([
    { value: 100, sharing: 3, desired: 3, out: 6 },
    { value: 51, sharing: 3, desired: 3, out: 4 },
    { value: 500, sharing: 3, desired: 3, out: 20 },
    // Four have been added, and do not share the load yet.
    { value: 100, sharing: 3, desired: 7, out: 7 },
    { value: 150, sharing: 3, desired: 7, out: 9 },
    { value: 150, sharing: 0, desired: 0, out: 3 },
  ])("asks for $out when $sharing have $value in place of 50 each, and $desired are asked for", (it) => {
    expect(scaledOut({ target: 50, ...bounds, ...it })).toBe(it.out);
  });

  it.each([
    { value: 10, sharing: 10, into: 2 },
    { value: 44, sharing: 3, into: 3 },
    { value: 0, sharing: 10, into: 1 },
  ])("keeps $into when $sharing have $value in place of 50 each", (it) => {
    expect(scaledIn({ target: 50, ...bounds, desired: it.sharing, ...it })).toBe(it.into);
  });

  it("stays within the bounds, and leaves the metric at its target at most", () => {
    const positive = fc.double({ min: 0.001, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(positive, positive, fc.integer({ min: 1, max: 100 }), (target, value, capacity) => {
        const tracking = { target, value, sharing: capacity, desired: capacity, min: 1, max: 1000 };
        const out = scaledOut(tracking);
        const into = scaledIn(tracking);
        expect(out >= capacity && out <= 1000 && into <= capacity && into >= 1).toBe(true);
        const after = value < target ? into : out;
        if (after < 1000) expect((value * capacity) / after).toBeLessThanOrEqual(target * (1 + 1e-6));
      }),
    );
  });
});
