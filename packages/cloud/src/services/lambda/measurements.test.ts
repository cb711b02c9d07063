import { expect, it } from "vitest";
import { eventAgeMeasurement, eventMeasurement, invocationMeasurements } from "./measurements.ts";

const outcome = { status: "failed", payload: Buffer.from("{}"), tail: "", durationMs: 12 } as const;

it.each([
  ["as a whole", undefined, "$LATEST", [{}, { FunctionName: "f" }, { FunctionName: "f", Resource: "f" }]],
  ["by its version", "3", "3", [{}, { FunctionName: "f" }, { FunctionName: "f", Resource: "f:3" }]],
  [
    "by an alias",
    "live",
    "3",
    [
      {},
      { FunctionName: "f" },
      { FunctionName: "f", Resource: "f:live" },
      { FunctionName: "f", Resource: "f:live", ExecutedVersion: "3" },
    ],
  ],
])("a function that is called %s is measured in AWS's series", (_, qualifier, executed, series) => {
  const measurements = invocationMeasurements({ name: "f", qualifier, executed }, outcome);
  expect(measurements.map(({ name, unit, values }) => [name, unit, ...values])).toEqual([
    ["Invocations", "Count", 1],
    ["Errors", "Count", 1],
    ["Throttles", "Count", 0],
    ["Duration", "Milliseconds", 12],
  ]);
  for (const measurement of measurements) expect(measurement.series).toEqual(series);
});

it("an event is measured by what it was left for, and its age by how long it has waited", () => {
  const event = { functionName: "f", qualifier: "live", receivedAt: 1000 };
  const series = [{}, { FunctionName: "f" }, { FunctionName: "f", Resource: "f:live" }];
  expect(eventMeasurement(event, "AsyncEventsReceived")).toMatchObject({ unit: "Count", series, values: [1] });
  expect(eventAgeMeasurement(event, 61_000)).toMatchObject({ unit: "Milliseconds", series, values: [60_000] });
  // A clock that was put back makes no event younger than new.
  expect(eventAgeMeasurement(event, 500).values).toEqual([0]);
});
