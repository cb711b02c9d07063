import fc from "fast-check";
import { expect, it } from "vitest";
import { embeddedMetrics } from "./embedded.ts";

const line = (directive: object, members: object, more: object = {}) =>
  JSON.stringify({ _aws: { Timestamp: 1000, CloudWatchMetrics: [directive], ...more }, ...members });

it("takes metrics with their values, units and sets of dimensions out of a line", () => {
  const directive = {
    Namespace: "App",
    Dimensions: [["service"], ["service", "zone"]],
    Metrics: [{ Name: "latency", Unit: "Milliseconds", StorageResolution: 1 }, { Name: "sizes" }],
  };
  expect(embeddedMetrics(line(directive, { service: "web", zone: "a", latency: 5, sizes: [1, 2] }))).toEqual([
    {
      namespace: "App",
      name: "latency",
      unit: "Milliseconds",
      at: 1000,
      series: [{ service: "web" }, { service: "web", zone: "a" }],
      values: [5],
      resolutionSeconds: 1,
    },
    {
      namespace: "App",
      name: "sizes",
      unit: "None",
      at: 1000,
      series: [{ service: "web" }, { service: "web", zone: "a" }],
      values: [1, 2],
      resolutionSeconds: 60,
    },
  ]);
});

it.each([
  ["no JSON", '"CloudWatchMetrics" {'],
  ["no time", line({ Namespace: "App", Metrics: [{ Name: "n" }] }, { n: 1 }, { Timestamp: "now" })],
  ["no namespace", line({ Metrics: [{ Name: "n" }] }, { n: 1 })],
  ["a dimension without a value", line({ Namespace: "App", Dimensions: [["d"]], Metrics: [{ Name: "n" }] }, { n: 1 })],
  ["a value that is no number", line({ Namespace: "App", Metrics: [{ Name: "n" }] }, { n: "1" })],
  [
    "too many values",
    line({ Namespace: "App", Metrics: [{ Name: "n" }] }, { n: Array.from({ length: 101 }, () => 1) }),
  ],
])("gives none for %s", (_, message) => {
  expect(embeddedMetrics(message)).toEqual([]);
});

it("never throws, whatever is in the line", () => {
  fc.assert(
    fc.property(fc.json(), fc.json(), (directives, value) => {
      const message = `{"_aws":{"Timestamp":1,"CloudWatchMetrics":${directives}},"n":${value}}`;
      expect(Array.isArray(embeddedMetrics(message))).toBe(true);
    }),
  );
});
