import { describe, expect, it } from "vitest";
import { newRollout, type Rollout } from "../plan/rollout.ts";
import type { RolloutSpec } from "../spec/model.ts";
import { rollbackOf } from "./rollback.ts";

const spec: RolloutSpec = {
  cluster: { app: "playback", stack: "prod", detail: undefined },
  fleetParameter: "/trysail/fleets/playback-prod",
  waves: [
    { regions: ["us-west-2"], bakeMs: 600_000 },
    { regions: ["us-east-1", "eu-west-1"], bakeMs: 0 },
  ],
  strategy: {
    type: "rolling-red-black",
    percentages: [50, 100],
    pause: { kind: "promote" },
    scaleDown: true,
    delayBeforeScaleDownMs: 60_000,
    keep: 1,
  },
  canary: undefined,
  analysis: [{ name: "errors", query: { kind: "expression", expression: "e", periodSeconds: 60 } }],
  alarms: ["high-errors"],
  windows: { "us-west-2": { timeZone: "America/Los_Angeles", windows: [], freezes: [{ from: 0, to: 1e13 }] } },
  guards: { minimumHealthyPercent: 90, healthyPercent: 100, lostInstances: 2 },
  rollback: { automatic: true, order: "all-at-once" },
  timeouts: { healthyMs: 600_000, promoteMs: 600_000 },
  whenBusy: "supersede",
};

/** `A+` succeeded, `A-` was undone, `A!` is halted, `A…` goes on; `<A+` is a rollback. In the order of time. */
function history(...told: readonly string[]): Rollout[] {
  return told.map((text, index) => {
    const [, back, id = "", end = ""] = /^(<?)(\w+)(.)$/.exec(text) ?? [];
    const status = { "+": "succeeded", "-": "undone", "!": "halted", "…": "running" }[end] as Rollout["status"];
    const kind = back === "<" ? "rollback" : "rollout";
    const version = { id, artifact: `s3://builds/${id}-${index}.zip` };
    const made = newRollout({ id: `playback-prod.${index}`, kind, spec, version }, index * 1000);
    return { ...made, status, endedAt: status === "running" ? undefined : index * 1000 + 500 };
  });
}

const targetOf = (rollouts: readonly Rollout[], to?: string): string => {
  const order = rollbackOf(rollouts, to);
  return typeof order === "string" ? order : order.version.id;
};

describe("a rollback goes", () => {
  it.each([
    [["A+", "B+"], "A"],
    [["A+", "B+", "C+"], "B"],
    // What was undone never was what the cluster ran.
    [["A+", "B-", "C+"], "A"],
    [["A+", "B+", "C-"], "A"],
    // After a rollback, further back; not to what was given up.
    [["A+", "B+", "C+", "<B+"], "A"],
    [["A+", "B+", "C+", "<B+", "D+"], "B"],
    [["A+", "B+", "<A+", "B+"], "A"],
    // The same one twice is one.
    [["A+", "B+", "B+"], "A"],
    [["A+", "B+", "A+"], "B"],
    // Halfway to a version: the last whole one. Halfway back: the same again.
    [["A+", "B+", "C!"], "B"],
    [["A+", "B+", "<A!"], "A"],
  ])("after %j to %s", (told, expected) => {
    expect(targetOf(history(...told))).toBe(expected);
    expect(targetOf(history(...told).toReversed())).toBe(expected);
  });

  it("to the version that is named, as it was rolled out last", () => {
    expect(targetOf(history("A+", "B+", "C+"), "A")).toBe("A");
    expect(rollbackOf(history("A+", "B+", "A+", "C+"), "A")).toMatchObject({
      version: { artifact: "s3://builds/A-2.zip" },
    });
    expect(targetOf(history("A+", "B+", "C!"), "B")).toBe("B");
  });
});

it("changes all regions at once, and nothing holds it up or undoes it for what the present version does", () => {
  const order = rollbackOf(history("A+", "B+"));
  if (typeof order === "string") expect.fail(order);
  expect(order.spec).toEqual({
    ...spec,
    waves: [{ regions: ["us-west-2", "us-east-1", "eu-west-1"], bakeMs: 0 }],
    strategy: { ...spec.strategy, pause: { kind: "time", ms: 0 } },
    analysis: [],
    alarms: [],
    windows: {},
  });
});

it.each([
  [[], undefined, "No rollout has succeeded here yet, so that there is no version to go back to."],
  [["A-"], undefined, "No rollout has succeeded here yet, so that there is no version to go back to."],
  [["A+"], undefined, "A is the first version that was rolled out here: there is none before it."],
  [
    ["A+", "B+", "<A+"],
    undefined,
    "A is the first version that was rolled out here: there is none before it. Others can be named: B.",
  ],
  [["A+", "B+"], "X", "No rollout of version X has succeeded here. Those that have: B, A."],
  [["A+", "X-", "B+"], "X", "No rollout of version X has succeeded here. Those that have: B, A."],
  [["A+", "B+"], "B", "B is what playback-prod runs already."],
  [
    ["A+", "B+", "C…"],
    undefined,
    "playback-prod.2 is running: what it changed is undone by trysail rollout abort playback-prod.2.",
  ],
])("says why there is none: after %j, to %s", (told, to, sentence) => {
  expect(targetOf(history(...told), to)).toBe(sentence);
});
