import type { RegionState, ServerGroup } from "@trysail/delivery";
import { describe, expect, it } from "vitest";
import { widthOf } from "../terminal/columns.ts";
import { styleOf } from "../terminal/terminal.ts";
import { rolloutLines, type Look } from "./render.ts";
import { after, fresh, group, old, shown, task, unwatched } from "./rollout.test-kit.ts";
import type { ShownRollout } from "./shown.ts";
import { asciiSigns, signs } from "./signs.ts";

const plain = styleOf(false);
const look: Look = { style: plain, signs, columns: 120, rows: undefined };

const running = (step: number, since = 300): RegionState => ({
  phase: "running",
  task,
  step,
  since: after(since),
  reachedAt: undefined,
  isPromoted: false,
  watch: unwatched,
});
const succeeded: RegionState = { phase: "succeeded", task, at: after(200), watch: unwatched };
const pending: RegionState = { phase: "pending" };

const page = (given: ShownRollout, now = after(400), more: Partial<Look> = {}) =>
  rolloutLines(given, now, { ...look, ...more });

const replaced = [
  group("playback-prod-v011", old, []),
  group("playback-prod-v012", fresh, ["healthy", "healthy", "healthy", "healthy"]),
];

describe("the page of a rollout that goes on", () => {
  const given = shown(
    { regions: { "us-west-2": succeeded, "us-east-1": running(1), "eu-west-1": pending } },
    {
      waiting: { "us-east-1": "the pause after 50 % new (42 s)", "eu-west-1": "its window, which opens at 08:00" },
      regions: {
        "us-west-2": replaced,
        "us-east-1": [
          group("playback-prod-v012", fresh, ["healthy", "unhealthy"]),
          group("playback-prod-v011", old, ["healthy", "healthy", "healthy", "draining"]),
        ],
      },
    },
  );

  it("has regions, server groups, versions, health and traffic, and says what each waits for", () => {
    expect(page(given)).toEqual([
      "▶ playback-prod  8f3a2c1  running  6 min 40 s",
      "  playback-prod.20261127-061500",
      "",
      "✓ wave 1",
      "  ✓ us-west-2  done: playback-prod-v012 serves version 8f3a2c1  after 3 min 20 s",
      "      playback-prod-v011  old  71ac0de        no instances",
      "      playback-prod-v012  new  8f3a2c1  ●●●●  4 of 4 healthy               ██████████ 100 %",
      "▶ wave 2",
      "  ▶ us-east-1  50 % shifted  step 2 of 7, for 1 min 40 s",
      "      playback-prod-v011  old  71ac0de  ●●●◌  3 of 4 healthy, 1 leaving    ████████░░  75 %",
      "      playback-prod-v012  new  8f3a2c1  ●✗    1 of 2 healthy, 1 unhealthy  ███░░░░░░░  25 %",
      "      ✓ 50 % new  ▶ 50 % shifted  · 100 % new  · 100 % shifted  · promotion  · scale-down  · clean-up",
      "      waits for the pause after 50 % new (42 s)",
      "  · eu-west-1",
      "      waits for its window, which opens at 08:00",
    ]);
  });

  it("has no line that is wider than the terminal, and no sign beyond ASCII where that is all there is", () => {
    for (const columns of [60, 79, 80, 100, 132]) {
      const lines = page(given, after(400), { columns, signs: asciiSigns });
      expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
      // oxlint-disable-next-line no-control-regex -- all of ASCII
      expect(lines.join("\n")).toMatch(/^[\u0000-\u007F]*$/);
    }
  });

  it("leaves out what is over before what goes on, where the screen is low", () => {
    const lines = page(given, after(400), { rows: 13 });
    expect(lines).toContain("  ✓ us-west-2  done: playback-prod-v012 serves version 8f3a2c1  after 3 min 20 s");
    expect(lines.join("\n")).not.toContain("no instances");
    expect(lines.join("\n")).toContain("1 of 2 healthy, 1 unhealthy");
    for (let rows = 2; rows < 20; rows++) expect(page(given, after(400), { rows }).length).toBeLessThanOrEqual(rows);
    expect(page(given, after(400), { rows: 5 }).at(-1)).toBe("… 6 more lines");
  });

  it("tells each judgement of the canary against its threshold, and where to see why", () => {
    const scores = [
      { score: 95, reason: "All passed.", at: after(60), report: "r" },
      { score: 72.5, reason: "latency is High.", at: after(120), report: "r" },
    ];
    const state: RegionState = {
      phase: "running",
      task,
      step: 0,
      since: after(0),
      reachedAt: after(30),
      isPromoted: false,
      watch: { ...unwatched, scores },
    };
    const lines = page(shown({ regions: { "us-west-2": state } }, {}));
    expect(lines).toContain("      canary 1 of 3: 95 of 100. All passed.");
    expect(lines).toContain("      canary 2 of 3: 72.5 of 100. latency is High.");
    expect(lines.filter((line) => line.includes("trysail rollout report"))).toHaveLength(1);
  });

  it("tells lost instances and analyses", () => {
    const state = running(1);
    if (state.phase !== "running") expect.fail();
    const watch = {
      losses: { lost: 1, reasons: ["i-9: it is gone"], groups: {} },
      scores: [],
      analysis: {
        startedAt: after(0),
        result: undefined,
        metrics: [
          {
            name: "errors",
            phase: "Running",
            reason: undefined,
            count: 3,
            successful: 2,
            failed: 1,
            inconclusive: 0,
            errors: 0,
            consecutiveErrors: 0,
            consecutiveSuccesses: 0,
            measurements: [{ at: after(1), outcome: "Failed", value: 0.0212345 }],
          },
        ],
      },
    } as const;
    const lines = page(shown({ regions: { "us-west-2": { ...state, watch } } }, {}));
    expect(lines).toContain("      analysis errors: 0.02123, 3 measured, 1 failed");
    expect(lines).toContain("      1 of the new version's instances lost; more than 2 undo it (i-9: it is gone)");
  });

  it("shows many instances by as many signs as there is room for, and none of the few left out", () => {
    const many: ServerGroup["instances"] = Array.from({ length: 200 }, (_, index) => ({
      id: `i-${index}`,
      lifecycle: "running",
      isRegistered: true,
      health: index === 0 ? "unhealthy" : "healthy",
    }));
    const big = group("playback-prod-v012", fresh, [], { instances: many, size: { min: 1, desired: 200, max: 300 } });
    const lines = page(shown({ regions: { "us-west-2": running(1) } }, { regions: { "us-west-2": [big] } }));
    expect(lines.find((line) => line.includes("199 of 200 healthy"))).toMatch(/ ●{12}✗ /);
  });
});

describe("the page of a rollout that failed", () => {
  it("says why, once, and what is left", () => {
    const undone: RegionState = {
      phase: "undone",
      reason: "alarm high-errors in ALARM",
      at: after(360),
      left: "playback-prod-v012 is left: nothing else serves.",
    };
    const given = shown(
      {
        status: "undone",
        reason: "us-west-2: alarm high-errors in ALARM",
        endedAt: after(370),
        regions: { "us-west-2": undone, "us-east-1": pending, "eu-west-1": pending },
      },
      {},
      { calls: { reading: 120, changing: 14 } },
    );
    expect(page(given)).toEqual([
      "■ playback-prod  8f3a2c1  undone  6 min 10 s",
      "  playback-prod.20261127-061500",
      "  why: us-west-2: alarm high-errors in ALARM",
      "",
      "■ wave 1",
      "  ■ us-west-2  undone  after 6 min 00 s",
      "      left: playback-prod-v012 is left: nothing else serves.",
      "· wave 2",
      "  · us-east-1",
      "  · eu-west-1",
      "",
      "It is undone, but for what is told above.",
      "All that happened: trysail rollout journal playback-prod.20261127-061500",
      "14 calls of AWS's API changed something, 120 read.",
    ]);
  });

  it("leads to the judgement where that is why", () => {
    const reason = "us-west-2: canary: its score 20 is not above 50: errors is High";
    const undone: RegionState = { phase: "undone", reason: reason.slice(11), at: after(9), left: undefined };
    const lines = page(shown({ status: "undone", reason, endedAt: after(9), regions: { "us-west-2": undone } }));
    expect(lines).toContain("The judgement: trysail rollout report playback-prod.20261127-061500");
    expect(lines).toContain("What served before serves again.");
  });

  it("says how one that is halted is undone again", () => {
    const state: RegionState = {
      phase: "halted",
      task,
      reason: "it does not answer",
      at: after(9),
      left: "All of it.",
    };
    const lines = page(shown({ status: "halted", endedAt: after(9), regions: { "us-west-2": state } }));
    expect(lines).toContain("✗ playback-prod  8f3a2c1  halted  9.0 s");
    expect(lines).toContain("      why: it does not answer");
    expect(lines.join("\n")).toMatch(/To undo it again: trysail rollout abort playback-prod\.20261127-061500$/m);
  });
});
