import type { Rollout } from "@trysail/delivery";
import { describe, expect, it } from "vitest";
import { changeLines } from "./changes.ts";
import { after, shown, task, unwatched } from "./rollout.test-kit.ts";
import { waitingOf, waitingText } from "./shown.ts";
import { asciiSigns, signs, signsFor } from "./signs.ts";

const running = {
  phase: "running",
  task,
  step: 0,
  since: after(0),
  reachedAt: undefined,
  isPromoted: false,
  watch: unwatched,
} as const;

describe("what a rollout waits for", () => {
  it("is always told while it goes on, whatever is known of it", () => {
    const statuses: readonly Rollout["status"][] = ["queued", "running", "undoing"];
    for (const status of statuses)
      for (const isPaused of [false, true])
        for (const view of [undefined, {}])
          for (const state of [running, { phase: "pending" } as const]) {
            const { whole, regions } = waitingOf(
              shown({ status, isPaused, regions: { "us-west-2": state } }, view),
              after(1),
            );
            expect([whole, ...Object.values(regions)].filter((text) => text !== undefined && text !== "")).not.toEqual(
              [],
            );
          }
  });

  it("is a worker, where none goes on with it", () => {
    const given = shown({ regions: { "us-west-2": running } }, {}, { lease: { worker: "one", until: after(30) } });
    expect(waitingOf(given, after(34)).whole).toBeUndefined();
    expect(waitingOf(given, after(36)).whole).toBe("a worker, since none goes on with it: `trysail worker` is one");
    expect(waitingOf({ ...given, isLocal: false, worker: "trysail worker --aws" }, after(61)).whole).toContain(
      "`trysail worker --aws`",
    );
    const untouched = shown({}, undefined, { lease: undefined });
    expect(waitingOf(untouched, after(4)).whole).not.toContain("worker");
    expect(waitingOf(untouched, after(6)).whole).toContain("worker");
  });

  it("is the rollout before it, for one that is queued", () => {
    expect(waitingOf({ ...shown({ status: "queued" }), others: ["playback-prod.1"] }, after(1)).whole).toBe(
      "playback-prod.1",
    );
  });

  it("is told as how far it is, where that is counted", () => {
    expect(waitingText("3 of 4 instances of v012 are healthy")).toBe("so far 3 of 4 instances of v012 are healthy");
    expect(waitingText("the pause after 50 % new (42 s)")).toBe("waits for the pause after 50 % new (42 s)");
  });

  it("is not the other regions, for one whose end is not stored yet", () => {
    const given = shown({ regions: { "us-west-2": running } }, { waiting: { "us-west-2": "the other regions" } });
    expect(waitingOf(given, after(1)).regions).toEqual({ "us-west-2": "its end" });
  });

  it("is not what it waited for before it was undone", () => {
    const undoing = { phase: "undoing", task, reason: "wrong build", since: after(60) } as const;
    const waiting = { "us-west-2": "`trysail rollout promote`" };
    const at = (time: number) => shown({ status: "undoing", regions: { "us-west-2": undoing } }, { at: time, waiting });
    expect(waitingOf(at(after(59)), after(61)).regions).toEqual({ "us-west-2": "its first look" });
    expect(waitingOf(at(after(60)), after(61)).regions).toEqual(waiting);
  });

  it("is nothing when it is over", () => {
    expect(waitingOf(shown({ status: "succeeded" }, { waiting: { "": "x" } }), after(1))).toEqual({
      whole: undefined,
      regions: {},
    });
  });
});

describe("the lines that tell changes", () => {
  const begun = shown(
    { regions: { "us-west-2": running, "us-east-1": { phase: "pending" } } },
    { waiting: { "us-west-2": "the canary's judgement 1 (9 min 30 s)" } },
  );

  it("tell each change once, and not that there is less time left", () => {
    expect(changeLines(undefined, begun, after(1))).toEqual([
      "playback-prod  8f3a2c1  playback-prod.20261127-061500",
      "running",
      "us-west-2  canary",
      "us-west-2  waits for the canary's judgement 1 (9 min 30 s)",
    ]);
    const later = {
      ...begun,
      view: { at: after(9), regions: {}, waiting: { "us-west-2": "the canary's judgement 1 (42 s)" } },
    };
    expect(changeLines(begun, later, after(9))).toEqual([]);
  });

  it("tell a judgement, the failure and its reason", () => {
    const score = { score: 20, reason: "errors is High.", at: after(600), report: undefined };
    const judged = shown(
      { regions: { "us-west-2": { ...running, watch: { ...unwatched, scores: [score] } } } },
      begun.view,
    );
    expect(changeLines(begun, judged, after(600))).toEqual(["us-west-2  canary: 20 of 100. errors is High."]);
    const undone = shown({
      status: "undone",
      reason: "us-west-2: canary: too low",
      endedAt: after(660),
      regions: { "us-west-2": { phase: "undone", reason: "canary: too low", at: after(650), left: undefined } },
    });
    expect(changeLines(judged, undone, after(660))).toEqual([
      "us-west-2  undone",
      "undone: us-west-2: canary: too low  11 min 00 s",
    ]);
  });
});

it("uses signs beyond ASCII unless the locale or the terminal knows none", () => {
  expect(signsFor({ LANG: "en_US.UTF-8" })).toBe(signs);
  expect(signsFor({ LANG: "C", LC_ALL: "de_DE.utf8" })).toBe(signs);
  expect(signsFor({})).toBe(signs);
  expect(signsFor({ LANG: "en_US.UTF-8", LC_ALL: "C" })).toBe(asciiSigns);
  expect(signsFor({ LANG: "en_US.UTF-8", TERM: "dumb" })).toBe(asciiSigns);
  for (const sign of Object.values(asciiSigns)) expect(sign).toMatch(/^[ -~]+$/);
});
