import { expect, it } from "vitest";
import { measureLines } from "../commands/rollout-measures.ts";
import { styleOf } from "../terminal/terminal.ts";
import { wrapped, wrappedParts } from "../terminal/wrap.ts";
import { journalLine } from "./journal-line.ts";
import { chooseReport, reportsOf } from "./reports.ts";

const plain = styleOf(false);
const at = Date.UTC(2026, 10, 27, 6, 15, 1, 250);

it("the journal tells what happened and each call in a line, cut to the screen", () => {
  expect(journalLine({ kind: "event", at, region: "us-east-1", text: "promotion" }, plain)).toBe(
    "06:15:01.250 us-east-1 promotion",
  );
  expect(journalLine({ kind: "event", at, text: "rollout of 42 is running" }, plain)).toBe(
    "06:15:01.250 rollout of 42 is running",
  );
  const call = {
    kind: "call",
    at,
    region: "us-east-1",
    call: "autoscaling:SetDesiredCapacity",
    resource: "v012",
    ms: 12.4,
    outcome: "Throttling",
  } as const;
  expect(journalLine(call, plain)).toBe("06:15:01.250 us-east-1 autoscaling:SetDesiredCapacity v012 Throttling 12 ms");
  expect(journalLine(call, plain, 20)).toBe("06:15:01.250 us-east");
});

it("the report that is meant is the newest, by number and not by name, unless another is named", () => {
  const reports = reportsOf([
    "reports/a.1/eu-west-1-canary-1",
    "reports/a.1/us-west-2-canary-10",
    "reports/a.1/us-west-2-canary-9",
    "reports/a.1/something",
  ]);
  expect(chooseReport("a.1", reports, {})).toMatchObject({ region: "us-west-2", number: 10 });
  expect(chooseReport("a.1", reports, { number: 9 })).toMatchObject({ key: "reports/a.1/us-west-2-canary-9" });
  expect(chooseReport("a.1", reports, { region: "eu-west-1" })).toMatchObject({ number: 1 });
  expect(() => chooseReport("a.1", reports, { region: "eu-west-1", number: 2 })).toThrow(
    "There is no such judgement of a.1.",
  );
  expect(() => chooseReport("a.1", [], {})).toThrow("No canary of a.1 was judged yet.");
});

it("the measures tell what was not measured", () => {
  const none = {
    deployments: 0,
    deploymentsPerDay: 0,
    leadTimeMs: null,
    changeFailureRate: null,
    timeToRestoreMs: null,
  };
  expect(measureLines(none, 30)).toEqual([
    "deployments          0 in 30 days, 0 a day",
    "lead time            not measured: give --commit at the start",
    "change failure rate  not measured",
    "time to restore      not measured",
  ]);
  const some = {
    deployments: 10,
    deploymentsPerDay: 1 / 3,
    leadTimeMs: 7_200_000,
    changeFailureRate: 0.125,
    timeToRestoreMs: 90_000,
  };
  expect(measureLines(some, 30)).toEqual([
    "deployments          10 in 30 days, 0.33 a day",
    "lead time            2 h 00 min, from commit to all regions",
    "change failure rate  13 %",
    "time to restore      1 min 30 s",
  ]);
});

it("texts are broken between words, and words that are too long in themselves", () => {
  expect(wrapped("one two three four", 10)).toEqual(["one two", "three four"]);
  expect(wrapped("abcdefghijklmnop qr", 10)).toEqual(["abcdefghij", "klmnop qr"]);
  expect(wrapped("  ", 10)).toEqual([]);
  expect(wrappedParts(["a b", "c d", "e f"], 8)).toEqual(["a b  c d", "e f"]);
  expect(wrappedParts(["longer than it", "c"], 5)).toEqual(["longer than it", "c"]);
});
