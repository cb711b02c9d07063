import { describe, expect, it } from "vitest";
import { nextTime, parseSchedule } from "./schedule.ts";

/** The next times of a schedule from 2026-01-01T00:00:00Z, a Thursday, on. */
function times(text: string, count: number, timeZone?: string): string[] {
  const schedule = parseSchedule(text);
  if (schedule === undefined) throw new Error(`${text} is no schedule`);
  const found: string[] = [];
  const from = Date.UTC(2026, 0, 1);
  for (let after = from, left = count; left > 0; left -= 1) {
    const next = nextTime(schedule, after, { from, endsAt: undefined, timeZone });
    if (next === undefined) break;
    found.push(new Date(next).toISOString());
    after = next;
  }
  return found;
}

describe("a schedule", () => {
  it("comes once, at intervals, or as its fields say", () => {
    expect(times("at(2026-02-01T12:00:00)", 2)).toEqual(["2026-02-01T12:00:00.000Z"]);
    expect(times("at(2026-02-01T12:00:00)", 1, "Europe/Berlin")).toEqual(["2026-02-01T11:00:00.000Z"]);
    expect(times("rate(2 hours)", 2)).toEqual(["2026-01-01T02:00:00.000Z", "2026-01-01T04:00:00.000Z"]);
    expect(times("cron(30 9 * * ? *)", 2)).toEqual(["2026-01-01T09:30:00.000Z", "2026-01-02T09:30:00.000Z"]);
  });

  it("counts the days of the week from Sunday, which is 1", () => {
    expect(times("cron(0 9 ? * 2 *)", 1)).toEqual(["2026-01-05T09:00:00.000Z"]);
    expect(times("cron(0 9 ? * MON-FRI *)", 2)).toEqual(["2026-01-01T09:00:00.000Z", "2026-01-02T09:00:00.000Z"]);
  });

  it("is refused where it is none", () => {
    for (const text of ["rate(0 minutes)", "cron(* * *)", "at(tomorrow)", "every day", "cron(99 9 * * ? *)"])
      expect(parseSchedule(text)).toBeUndefined();
  });
});
