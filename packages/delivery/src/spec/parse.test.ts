import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { RolloutDocument } from "./document.ts";
import { mistakeText } from "./mistake.ts";
import { checkRollout, parseRollout } from "./parse.ts";

const mistakesOf = (text: string) => {
  const read = parseRollout(text);
  return read.ok ? [] : read.mistakes.map((mistake) => mistakeText(mistake, "rollout.yaml"));
};

const specOf = (text: string) => {
  const read = parseRollout(text);
  if (!read.ok) throw new Error(read.mistakes.map((mistake) => mistakeText(mistake)).join("\n"));
  return read.spec;
};

const least = `application: playback
waves:
  - [us-west-2]
`;

describe("a rollout's spec", () => {
  it("needs no more than a name and a region: all else has a default", () => {
    expect(specOf(least)).toEqual({
      cluster: { app: "playback", stack: undefined, detail: undefined },
      fleetParameter: "/trysail/fleets/playback",
      waves: [{ regions: ["us-west-2"], bakeMs: 0 }],
      strategy: {
        type: "red-black",
        percentages: [100],
        pause: { kind: "time", ms: 0 },
        scaleDown: true,
        delayBeforeScaleDownMs: 0,
        keep: 1,
      },
      canary: undefined,
      analysis: [],
      alarms: [],
      windows: {},
      guards: { minimumHealthyPercent: 90, healthyPercent: 100, lostInstances: 2 },
      rollback: { automatic: true, order: "all-at-once" },
      timeouts: { healthyMs: 1_800_000, promoteMs: 259_200_000 },
      whenBusy: "queue",
    });
  });

  it("says all that there is to say", () => {
    const spec = specOf(`
application: playback
stack: prod
detail: api
fleet: /fleets/mine
waves:
  - regions: [us-west-2]
    bake: 10m
  - regions: [us-east-1, eu-west-1]
strategy: { type: rolling-red-black, percentages: [10, 50], pause: 2m, scaleDown: false, delayBeforeScaleDown: 1h30m, keep: 3 }
canary:
  instances: 2
  warmup: 30
  lifetime: 30m
  interval: 5m
  lookback: 10m
  judge: compatible
  thresholds: { pass: 90, marginal: 60 }
  groupWeights: { health: 70 }
  metrics:
    - name: errors
      groups: [health]
      direction: increase
      nanStrategy: replace
      critical: true
      effectSize: { allowedIncrease: 1.1 }
      query: { namespace: Playback, metric: Errors, dimensions: { Group: "\${serverGroup}" }, statistic: Sum, period: 1s }
    - name: p99
      query: { expression: "SELECT AVG(Latency) FROM Playback", period: 60s }
analysis:
  - name: errors
    query: { namespace: Playback, metric: Errors }
    interval: 1m
    count: 5
    successCondition: "< 0.01"
    failureCondition: ">= 0.05 or isNaN"
alarms: [Playback-Errors]
windows:
  us-west-2: { timeZone: America/Los_Angeles, open: [{ days: [Mon-Wed, Sat], from: "09:00", to: "24:00" }] }
freezes:
  - { from: 2026-12-24T00:00:00Z, to: 2026-12-27T00:00:00+01:00, regions: [eu-west-1] }
guards: { minimumHealthyPercent: 50, healthyPercent: 95, lostInstances: 0 }
rollback: { automatic: false, order: waves }
timeouts: { healthy: 90s, promote: 1d }
whenBusy: supersede
`);
    expect(spec).toMatchObject({
      cluster: { app: "playback", stack: "prod", detail: "api" },
      fleetParameter: "/fleets/mine",
      waves: [{ bakeMs: 600_000 }, { regions: ["us-east-1", "eu-west-1"], bakeMs: 0 }],
      strategy: { percentages: [10, 50, 100], pause: { ms: 120_000 }, delayBeforeScaleDownMs: 5_400_000, keep: 3 },
      canary: {
        regions: ["us-west-2"],
        warmupMs: 30_000,
        intervalMs: 300_000,
        config: {
          metrics: [
            { name: "errors", groups: ["health"] },
            { name: "p99", groups: ["p99"] },
          ],
        },
        queries: {
          errors: { kind: "metric", statistic: "Sum", periodSeconds: 1 },
          p99: { kind: "expression", periodSeconds: 60 },
        },
      },
      analysis: [
        {
          successCondition: { op: "<", value: 0.01 },
          failureCondition: { op: "or", of: [{ op: ">=", value: 0.05 }, { op: "isNaN" }] },
        },
      ],
      windows: {
        "us-west-2": { windows: [{ days: ["Mon", "Tue", "Wed", "Sat"], from: 540, to: 0 }], freezes: [] },
        "eu-west-1": {
          timeZone: "UTC",
          windows: [],
          freezes: [{ from: Date.UTC(2026, 11, 24), to: Date.UTC(2026, 11, 26, 23) }],
        },
      },
      timeouts: { healthyMs: 90_000, promoteMs: 86_400_000 },
    });
  });

  it.each([
    ["application: playback\n", ["rollout.yaml:1:1 waves is missing."]],
    [
      `${least}strategy: red-blak\n`,
      [
        'rollout.yaml:4:11 strategy must be one of red-black, rolling-red-black, highlander, canary, none, and is "red-blak". Did you mean red-black?',
      ],
    ],
    [
      `${least}stratagy: red-black\n`,
      [/^rollout.yaml:4:11 stratagy is no field here: application, .* are\. Did you mean strategy\?$/],
    ],
    [`${least}strategy: canary\n`, ["rollout.yaml:1:1 canary is missing, which the strategy canary needs."]],
    [
      `${least}strategy: { type: rolling-red-black, percentages: [50, 25] }\n`,
      ["rollout.yaml:4:51 strategy.percentages must rise."],
    ],
    [
      `${least}strategy: { type: red-black, percentages: [50] }\n`,
      ["rollout.yaml:4:43 strategy.percentages are for rolling-red-black only."],
    ],
    [
      `${least}timeouts: { healthy: soon, promote: 0 }\n`,
      [
        'rollout.yaml:4:22 timeouts.healthy must be a time such as 90s, 10m, 1h30m or 3d, and is "soon".',
        "rollout.yaml:4:37 timeouts.promote must be a time above zero, and is 0.",
      ],
    ],
    [
      "application: play-back\nwaves: [[us-west-2], [us-west-2, mars]]\n",
      [
        'rollout.yaml:1:14 application may have letters, digits, dots and underscores only, and is "play-back".',
        'rollout.yaml:2:34 waves[1][1] must be a region such as us-west-2, and is "mars".',
      ],
    ],
    [
      "application: playback\nwaves: [[us-west-2], [us-west-2]]\n",
      ["rollout.yaml:2:22 waves[1] has us-west-2, which was named before."],
    ],
    [
      `${least}windows: { eu-west-1: { timeZone: UTC, open: [{ from: "1:00", to: "2:00" }] } }\n`,
      ["rollout.yaml:4:23 windows.eu-west-1 is in no wave: us-west-2 are."],
    ],
    [
      `${least}windows: { us-west-2: { timeZone: Mars, open: [{ days: [Mo], from: "25:00", to: "2:00" }] } }\n`,
      [
        'rollout.yaml:4:35 windows.us-west-2.timeZone must be a time zone such as Europe/Dublin, and is "Mars".',
        'rollout.yaml:4:57 windows.us-west-2.open[0].days[0] must be a day or a range of days, of Mon, Tue, Wed, Thu, Fri, Sat, Sun, and is "Mo".',
        'rollout.yaml:4:68 windows.us-west-2.open[0].from must be a time of day such as "09:00", and is "25:00".',
      ],
    ],
    [
      `${least}freezes: [{ from: 2026-12-24T00:00:00Z, to: 2026-12-24T00:00:00Z }]\n`,
      ["rollout.yaml:4:45 freezes[0].to must be after from."],
    ],
    [
      `${least}canary: { lifetime: 1m, interval: 2m, metrics: [{ name: a, query: { namespace: N, metric: M } }] }\n`,
      ["rollout.yaml:4:35 canary.interval must not be longer than the lifetime."],
    ],
    [
      `${least}canary: { metrics: [{ name: a, query: { namespace: N, metric: M, dimensions: { G: "\${group}" } } }] }\n`,
      [/^rollout.yaml:4:83 canary.metrics\[0\].query.dimensions.G has \$\{group\}, and may have \$\{serverGroup\}, /],
    ],
    [
      `${least}canary: { thresholds: { pass: 10 }, metrics: [{ name: a, query: { namespace: N, metric: M } }] }\n`,
      [/^rollout.yaml:4:9 canary The thresholds must be/],
    ],
    [
      `${least}analysis: [{ name: a, query: { namespace: N, metric: M, period: 7s }, successCondition: "< a" }]\n`,
      [
        'rollout.yaml:4:65 analysis[0].query.period must be 1s, 5s, 10s, 20s, 30s or a multiple of 60s, and is "7s".',
        /successCondition must be a condition such as/,
      ],
    ],
    [
      `${least}analysis: [{ name: a, count: 2, query: { namespace: N, metric: M } }]\n`,
      [/^rollout.yaml:4:11 analysis "a" is measured more than once, and needs an interval\.$/],
    ],
    [
      `${least}guards: { lostInstances: -1, healthyPercent: 101 }\n`,
      [
        "rollout.yaml:4:26 guards.lostInstances must be a whole number from 0, and is -1.",
        "rollout.yaml:4:46 guards.healthyPercent must be a number from 0 to 100, and is 101.",
      ],
    ],
    ["[]", [/^rollout.yaml:1:1 must be a map of application, /]],
    ["a: [", [/^rollout.yaml:1:5 /]],
  ] as const)("tells what is wrong in %j", (text, expected) => {
    const told = mistakesOf(text);
    expect(told).toHaveLength(expected.length);
    for (const [index, one] of expected.entries()) expect(told[index]).toMatch(one);
  });

  it("is what its documentation says", () => {
    const page = readFileSync(new URL("../../../../docs/rollouts.md", import.meta.url), "utf8");
    const [, text = ""] = /## The spec[^]*?```yaml\n([^]*?)```/.exec(page) ?? [];
    const spec = specOf(text);
    expect(spec.strategy).toMatchObject({ type: "rolling-red-black", percentages: [25, 50, 100] });
    expect(Object.values(spec).filter((part) => part === undefined)).toEqual([]);
  });

  it("is the same from a document as from its text, whatever it is", () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9._]{1,8}$/);
    const time = fc.constantFrom("90s", "10m", "1h30m", 5, "500ms");
    const document: fc.Arbitrary<RolloutDocument> = fc.record(
      {
        application: name,
        stack: name,
        waves: fc.constantFrom([["us-west-2"]], [{ regions: ["us-west-2"], bake: "5m" }, ["eu-west-1"]]),
        strategy: fc.oneof(
          fc.constantFrom("red-black" as const, "none" as const, "highlander" as const),
          fc.record({
            type: fc.constant("rolling-red-black" as const),
            pause: fc.oneof(time, fc.constant("promote")),
            keep: fc.nat(5),
          }),
        ),
        alarms: fc.array(name, { maxLength: 3 }),
        guards: fc.record(
          { lostInstances: fc.nat(5), healthyPercent: fc.integer({ min: 0, max: 100 }) },
          { requiredKeys: [] },
        ),
        timeouts: fc.record({ healthy: time }, { requiredKeys: [] }),
        whenBusy: fc.constantFrom("queue" as const, "supersede" as const),
      },
      { requiredKeys: ["application", "waves"] },
    );
    fc.assert(
      fc.property(document, (one) => {
        const read = checkRollout(one);
        expect(read.ok).toBe(!/^v\d{3,6}$/.test(one.stack ?? ""));
        expect(parseRollout(stringify(one))).toMatchObject(read.ok ? read : { ok: false });
        expect(parseRollout(JSON.stringify(one))).toMatchObject(read.ok ? read : { ok: false });
      }),
    );
  });

  it("never throws, whatever is given", () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (value, text) => {
        expect(checkRollout(value as RolloutDocument).ok).toBe(false);
        expect(parseRollout(text).ok).toBe(false);
      }),
    );
  });

  it("does not unfold references without end, and takes no longer text than 1 MB", () => {
    const bomb = [
      "a: &a [x, x, x, x, x, x, x, x, x]",
      ..."bcdefgh"
        .split("")
        .map(
          (name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefgh"[index]}`).join(", ")}]`,
        ),
    ].join("\n");
    expect(mistakesOf(bomb)).toEqual([expect.stringMatching(/alias/i)]);
    expect(mistakesOf(" ".repeat(1_000_001))).toEqual(["rollout.yaml It is longer than 1 MB."]);
  });
});
