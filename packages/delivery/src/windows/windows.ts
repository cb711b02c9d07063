import type { Millis } from "@trysail/core";

export const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
export type Day = (typeof days)[number];

/** A time of each of some days in which a rollout may change things. */
export interface Window {
  /** On which it begins. */
  readonly days: readonly Day[];
  /** Minutes since midnight, of the clock on the wall: 0 to 1439. */
  readonly from: number;
  /** Exclusive; of the next day where it is not after `from`. */
  readonly to: number;
}

/** A time in which nothing is changed, whatever the windows say. */
export interface Freeze {
  readonly from: Millis;
  /** Exclusive. */
  readonly to: Millis;
}

/** When a region may be changed. */
export interface Windows {
  /** Of the region, as IANA names it: `Europe/Dublin`. */
  readonly timeZone: string;
  /** None: at any time. */
  readonly windows: readonly Window[];
  readonly freezes: readonly Freeze[];
}

const minuteMs = 60_000;
const minutesOfDay = 24 * 60;
const minutesOfWeek = 7 * minutesOfDay;
/** How often the wall clock may be looked at before a time is given up that never comes. */
const mostLooks = 10_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether it is the name of a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** Minutes since Monday's midnight by the clock on the wall. */
function minuteOfWeek(timeZone: string, at: Millis): number {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const day = days.indexOf((parts.get("weekday") ?? "") as Day);
  return day * minutesOfDay + Number(parts.get("hour")) * 60 + Number(parts.get("minute"));
}

/** Each window's begin and length, in minutes of the week. */
const spans = (windows: readonly Window[]) =>
  windows.flatMap(({ days: on, from, to }) =>
    on.map((day) => ({
      begin: days.indexOf(day) * minutesOfDay + from,
      length: to > from ? to - from : to - from + minutesOfDay,
    })),
  );

/** From one minute of the week forward to another. */
const minutesBetween = (from: number, to: number) => (to - from + minutesOfWeek) % minutesOfWeek;

/** Whether a rollout may change a region at that time. */
export function isOpen({ timeZone, windows, freezes }: Windows, at: Millis): boolean {
  if (freezes.some(({ from, to }) => at >= from && at < to)) return false;
  if (windows.length === 0) return true;
  const now = minuteOfWeek(timeZone, at);
  return spans(windows).some(({ begin, length }) => minutesBetween(begin, now) < length);
}

/**
 * The next time at which a rollout may change a region: `at` itself if that is one.
 *
 * @returns undefined if there is none that can be foreseen
 */
export function opensAt(schedule: Windows, at: Millis): Millis | undefined {
  if (isOpen(schedule, at)) return at;
  const { timeZone, windows, freezes } = schedule;
  const begins = spans(windows).map(({ begin }) => begin);
  if (begins.length === 0 && windows.length > 0) return undefined;
  let time = at;
  for (let looks = 0; looks < mostLooks; looks++) {
    const freeze = freezes.find(({ from, to }) => time >= from && time < to);
    if (freeze !== undefined) time = freeze.to;
    else if (isOpen(schedule, time)) return time;
    else time = nextLook(timeZone, begins, time);
  }
  return undefined;
}

/** When a window may open next: its begin, if the wall clock is not changed on the way, else a part of the way to it. */
function nextLook(timeZone: string, begins: readonly number[], time: Millis): Millis {
  const start = Math.floor(time / minuteMs) * minuteMs;
  const now = minuteOfWeek(timeZone, start);
  let minutes = Math.min(...begins.map((begin) => minutesBetween(now, begin) || minutesOfWeek));
  const isChanged = () =>
    minutesBetween(now, minuteOfWeek(timeZone, start + minutes * minuteMs)) !== minutes % minutesOfWeek;
  while (minutes > 1 && isChanged()) minutes = Math.floor(minutes / 2);
  return start + minutes * minuteMs;
}
