import { expect, it } from "vitest";
import { alarmVerdict } from "./alarm-rule.ts";

const watch = { alarm: "errors", unwanted: ["ALARM"], now: 1000, until: 2000 };

it.each([
  [true, "OK", 1000, "succeeded"],
  [true, "ALARM", 1000, "waiting"],
  [true, "ALARM", 2000, "failed"],
  [true, "OK", 2000, "succeeded"],
  [false, "ALARM", 1000, "failed"],
  [false, "OK", 1000, "waiting"],
  [false, "INSUFFICIENT_DATA", 1000, "waiting"],
  [false, "OK", 2000, "succeeded"],
] as const)("before a stage (%s), an alarm in %s at %i has %s", (isEntry, state, now, status) => {
  expect(alarmVerdict({ ...watch, isEntry, state, now }).status).toBe(status);
});
