import { expect, it } from "vitest";
import { parseFilterPattern } from "../pattern/filter-pattern.ts";
import { faultOf, measure } from "./metric-filter.ts";
import type { Transformation } from "./metric-filter.ts";

const transformation: Transformation = {
  metricName: "m",
  metricNamespace: "App",
  metricValue: "1",
  defaultValue: undefined,
  dimensions: {},
  unit: "Count",
};
const measured = (pattern: string, more: Partial<Transformation>, ...messages: readonly string[]) =>
  measure(
    { ...transformation, ...more },
    parseFilterPattern(pattern),
    messages.map((message, index) => ({ message, timestamp: index * 1000 })),
  ).map(({ at, values, series }) => [at, ...values, ...series]);

it("counts the lines that match, at their own time", () => {
  expect(measured("ERROR", {}, "ERROR a", "fine", "ERROR b")).toEqual([
    [0, 1, {}],
    [2000, 1, {}],
  ]);
});

it("takes value and dimensions from a line, and leaves out lines that do not have them", () => {
  const more = { metricValue: "$.ms", dimensions: { Path: "$.at[0].path" } };
  const line = (ms: unknown, path?: string) => JSON.stringify({ ms, at: [{ path }] });
  expect(measured("{ $.ms EXISTS }", more, line(12, "/a"), line("no", "/a"), line(5), line("7.5", "/b"))).toEqual([
    [0, 12, { Path: "/a" }],
    [3000, 7.5, { Path: "/b" }],
  ]);
  const bytes = { metricValue: "$bytes", dimensions: { Status: "$status" } };
  expect(measured("[ip, status = 5*, bytes]", bytes, "10.0.0.1 503 99", "10.0.0.1 200 5")).toEqual([
    [0, 99, { Status: "503" }],
  ]);
});

it("tells the default for a minute in which no line matches", () => {
  expect(measured("ERROR", { defaultValue: 0 }, "fine", "fine")).toEqual([[1000, 0, {}]]);
  expect(measured("ERROR", { defaultValue: 0 }, "fine", "ERROR")).toEqual([[1000, 1, {}]]);
});

it("says what is wrong with a transformation", () => {
  const given = { metricName: "m", metricNamespace: "App", metricValue: "1" };
  expect(faultOf(given)).toBeUndefined();
  expect(faultOf({ ...given, metricValue: "$.a" })).toBeUndefined();
  expect(faultOf({ ...given, metricValue: "one" })).toContain("metricValue 'one'");
  expect(faultOf({ ...given, metricName: "a:b" })).toContain("metricName");
  expect(faultOf({ ...given, dimensions: { A: "a" } })).toContain("reference");
  expect(faultOf({ ...given, dimensions: { A: "$.a" }, defaultValue: 0 })).toContain("mutually exclusive");
});
