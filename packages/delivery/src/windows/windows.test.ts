import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { days, isOpen, isTimeZone, opensAt } from "./windows.ts";
import type { Windows } from "./windows.ts";

const at = (text: string) => Date.parse(text);
const office = { days: ["Mon", "Tue", "Wed", "Thu", "Fri"], from: 9 * 60, to: 17 * 60 } as const;
const of = (more: Partial<Windows>): Windows => ({ timeZone: "UTC", windows: [office], freezes: [], ...more });

describe("a deployment window", () => {
  it("is that of the region's own clock", () => {
    // Thursday.
    const noon = at("2026-11-26T12:00:00Z");
    expect(isOpen(of({ timeZone: "Europe/Dublin" }), noon)).toBe(true);
    expect(isOpen(of({ timeZone: "America/Los_Angeles" }), noon)).toBe(false);
    expect(opensAt(of({ timeZone: "America/Los_Angeles" }), noon)).toBe(at("2026-11-26T17:00:00Z"));
  });

  it("ends before its end, and opens again on the next of its days", () => {
    const end = at("2026-11-27T17:00:00Z");
    expect(isOpen(of({}), end - 1)).toBe(true);
    expect(isOpen(of({}), end)).toBe(false);
    expect(opensAt(of({}), end)).toBe(at("2026-11-30T09:00:00Z"));
  });

  it("may go on over midnight, into a day that is not its own", () => {
    const night = of({ windows: [{ days: ["Sun"], from: 22 * 60, to: 2 * 60 }] });
    expect(isOpen(night, at("2026-11-30T01:59:00Z"))).toBe(true);
    expect(isOpen(night, at("2026-11-30T22:30:00Z"))).toBe(false);
  });

  it("stays shut while there is a freeze, and opens in the middle of a window when that ends", () => {
    const frozen = of({ freezes: [{ from: at("2026-11-26T00:00:00Z"), to: at("2026-11-27T10:30:00Z") }] });
    expect(isOpen(frozen, at("2026-11-26T12:00:00Z"))).toBe(false);
    expect(opensAt(frozen, at("2026-11-26T12:00:00Z"))).toBe(at("2026-11-27T10:30:00Z"));
  });

  it("is always open where there is none, and never where it has no day", () => {
    expect(opensAt(of({ windows: [] }), 5)).toBe(5);
    expect(opensAt(of({ windows: [{ ...office, days: [] }] }), 5)).toBeUndefined();
  });

  it("knows time zones", () => {
    expect(["Europe/Dublin", "UTC", "Mars/Base"].map(isTimeZone)).toEqual([true, true, false]);
  });

  it("is found where clocks are changed on the way to it", () => {
    // On that Sunday, clocks of Lord Howe Island are put forward from 2:00 to 2:30.
    const late = of({ timeZone: "Australia/Lord_Howe", windows: [{ days: ["Sun"], from: 1410, to: 0 }] });
    expect(opensAt(late, at("2026-10-03T15:29:00Z"))).toBe(at("2026-10-04T12:30:00Z"));
    // And in New York, on a Sunday in November, what was over comes once more when clocks are put back from 2:00 to 1:00.
    const twice = of({ timeZone: "America/New_York", windows: [{ days: ["Sun"], from: 105, to: 110 }] });
    expect(opensAt(twice, at("2026-11-01T05:50:00Z"))).toBe(at("2026-11-01T06:45:00Z"));
  });

  it("opens at the first minute at which it is open, also where clocks are put forward or back", () => {
    // The nights around changes of the clocks: New York, Dublin, Lord Howe (by half an hour), Apia.
    const around = ["2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2026-04-05", "2026-10-04"].map(at);
    const zone = fc.constantFrom("America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Pacific/Apia", "UTC");
    const minute = fc.integer({ min: 0, max: 1439 });
    const window = fc.record({ days: fc.subarray([...days], { minLength: 1 }), from: minute, to: minute });
    const start = fc.tuple(fc.constantFrom(...around), fc.integer({ min: -1440, max: 1440 }));
    fc.assert(
      fc.property(zone, window, start, (timeZone, one, [day, minutes]) => {
        const schedule = of({ timeZone, windows: [one] });
        const from = day + minutes * 60_000;
        const opens = opensAt(schedule, from) ?? 0;
        expect(isOpen(schedule, opens)).toBe(true);
        // As far as it can be looked at minute by minute.
        for (let time = from; time < Math.min(opens, from + 2 * 86_400_000); time += 60_000)
          expect(isOpen(schedule, time)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});
