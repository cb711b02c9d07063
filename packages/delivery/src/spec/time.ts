import type { Millis } from "@trysail/core";
import { mustBe, type Reader } from "./reader.ts";

const unitsMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const part = /(\d+(?:\.\d+)?)\s*(ms|d|h|m|s)/g;

/** `90s`, `10m`, `1h30m`, `3d`, `500ms`; a number is of seconds. */
export const duration: Reader<Millis> = (value, place) => {
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value * 1000;
  if (typeof value === "string" && /^(?:\d+(?:\.\d+)?\s*(?:ms|d|h|m|s)\s*)+$/.test(value)) {
    const parts = [...value.matchAll(part)];
    return parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitsMs[unit as keyof typeof unitsMs], 0);
  }
  return mustBe(place, "a time such as 90s, 10m, 1h30m or 3d", value);
};

/** A time above zero. */
export const positiveDuration: Reader<Millis> = (value, place) => {
  const ms = duration(value, place);
  return ms === 0 ? mustBe(place, "a time above zero", value) : ms;
};

/** A period of CloudWatch: whole seconds, 1, 5, 10, 20, 30 or a multiple of 60. */
export const periodSeconds: Reader<number> = (value, place) => {
  const ms = duration(value, place);
  if (ms === undefined) return undefined;
  const seconds = ms / 1000;
  const isAllowed = [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0);
  return isAllowed ? seconds : mustBe(place, "1s, 5s, 10s, 20s, 30s or a multiple of 60s", value);
};

/** Minutes since midnight. */
export const wallTime: Reader<number> = (value, place) => {
  const [, hours, minutes] = typeof value === "string" ? (/^([01]?\d|2[0-4]):([0-5]\d)$/.exec(value) ?? []) : [];
  const time = Number(hours) * 60 + Number(minutes);
  return hours !== undefined && time <= 1440 ? time : mustBe(place, 'a time of day such as "09:00"', value);
};

/** A moment, as ISO 8601 tells it, with its zone. */
export const moment: Reader<Millis> = (value, place) => {
  if (value instanceof Date) return value.getTime();
  const isTime =
    typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(value);
  const at = isTime ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? mustBe(place, "a time such as 2026-12-24T00:00:00Z", value) : at;
};
