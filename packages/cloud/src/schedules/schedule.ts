import { Cron } from "croner";
import type { Millis } from "@trysail/core";

/** When a schedule comes. `at` is once, `rate` every so often from its start, `cron` as its fields say. */
type Schedule =
  | { readonly kind: "at" | "cron"; readonly pattern: string }
  | { readonly kind: "rate"; readonly everyMs: Millis };

const unitsMs: Readonly<Record<string, Millis>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** AWS counts the days of the week from 1, which is Sunday. */
function weekdays(field: string): string {
  return field.replaceAll(/(?<![#\d/])\d/g, (digit) => String(Number(digit) - 1));
}

/**
 * Reads `at(2026-01-31T12:00:00)`, `rate(5 minutes)` or `cron(0 12 * * ? *)`; undefined if it is none of them.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
 */
export function parseSchedule(text: string): Schedule | undefined {
  const at = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/.exec(text)?.[1];
  if (at !== undefined) return { kind: "at", pattern: at };
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(text) ?? [];
  if (count !== undefined) {
    const everyMs = Number(count) * (unitsMs[unit ?? ""] ?? 0);
    return everyMs > 0 ? { kind: "rate", everyMs } : undefined;
  }
  const fields = /^cron\((.+)\)$/.exec(text)?.[1]?.split(/\s+/);
  if (fields?.length !== 6) return undefined;
  const [minute, hour, day, month, weekday = "", year] = fields.map((field) => (field === "?" ? "*" : field));
  const pattern = `0 ${minute} ${hour} ${day} ${month} ${weekdays(weekday)} ${year}`;
  try {
    return { kind: "cron", pattern: new Cron(pattern, { paused: true }).getPattern() ?? pattern };
  } catch {
    return undefined;
  }
}

/**
 * When a schedule comes next.
 *
 * @param after - exclusive
 * @param bounds.from - from when on a rate counts
 * @returns undefined if it does not come again
 */
export function nextTime(
  schedule: Schedule,
  after: Millis,
  bounds: { readonly from: Millis; readonly endsAt: Millis | undefined; readonly timeZone: string | undefined },
): Millis | undefined {
  const { from, endsAt, timeZone = "UTC" } = bounds;
  let next: Millis | undefined;
  if (schedule.kind === "rate") {
    const rounds = Math.max(0, Math.floor((after - from) / schedule.everyMs) + 1);
    next = from + rounds * schedule.everyMs;
  } else {
    const earliest = Math.max(after, from - 1);
    next = new Cron(schedule.pattern, { timezone: timeZone, paused: true }).nextRun(new Date(earliest))?.getTime();
  }
  return next === undefined || (endsAt !== undefined && next > endsAt) ? undefined : next;
}
