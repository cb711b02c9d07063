import type { Rollout, RolloutSpec } from "@trysail/delivery";
import type { RolloutSystem } from "@trysail/delivery/aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { patienceMs, rollOut, startRealCloud, systemOver, type RealCloud } from "./support/real-cloud.ts";
import { makeFleet } from "./support/region-fleet.mjs";
import { endOf, specOf } from "./support/rollouts.ts";
import { startViewers } from "./support/viewers.ts";

const regions = ["us-west-2", "us-east-1"];

/** Serves its version; a version of that name cannot be started, or answers with errors. */
const script = `#!/bin/sh
case "$TRYSAIL_VERSION" in crash*) kill -9 $$ ;; esac
exec node -e '
  const version = process.env.TRYSAIL_VERSION;
  if (version.startsWith("deaf")) setInterval(() => {}, 1000);
  else require("http").createServer((request, answer) => answer.end(version)).listen(process.env.PORT);
'
`;

let cloud: RealCloud;
let system: RolloutSystem;
const configIn = (region: string) => cloud.configIn(region);

beforeAll(async () => {
  cloud = await startRealCloud();
  system = systemOver(configIn);
}, patienceMs);

afterAll(async () => {
  system.close();
  await cloud.stop();
});

let rollouts = 0;

const roll = (spec: RolloutSpec, version: string, kind: Rollout["kind"] = "rollout") =>
  rollOut(system, { id: `${spec.cluster.app}.${(rollouts += 1)}`, spec, version, kind });

describe.each(["attachment", "weight"] as const)("with traffic by %s", (traffic) => {
  const name = `by-${traffic}`.replace("-", "");
  const at = (rest: string) =>
    specOf(`application: ${name}\nwaves: [[us-west-2], [us-east-1]]\ntimeouts: { healthy: 30s }\n${rest}`);
  let urls: readonly string[];

  beforeAll(async () => {
    const capacity = { min: 2, desired: 2, max: 4 };
    urls = await Promise.all(regions.map((region) => makeFleet(configIn(region), { name, script, traffic, capacity })));
  }, patienceMs);

  const served = () => Promise.all(urls.map(async (url) => (await fetch(url)).text()));

  it(
    "reaches all regions, and replaces versions by every strategy, with no failed request",
    { timeout: patienceMs },
    async () => {
      const first = await roll(at("strategy: red-black\n"), "one");
      expect(endOf(first.rollout)).toBe("succeeded");
      expect(await served()).toEqual(["one", "one"]);
      const viewers = startViewers(urls);
      for (const [version, strategy] of [
        ["two", "red-black"],
        ["three", "{ type: rolling-red-black, percentages: [50, 100] }"],
        ["four", "highlander"],
      ] as const) {
        const { rollout, calls } = await roll(at(`strategy: ${strategy}\n`), version);
        expect(endOf(rollout)).toBe("succeeded");
        expect(await served()).toEqual([version, version]);
        // Spinnaker's users lose the quota of their API to polling.
        expect(calls.changing).toBeLessThan(100);
      }
      await viewers.stop();
      expect(viewers.forget().failures).toEqual([]);
    },
  );
});

describe("a version that is bad, or that was given up", () => {
  const at = (rest = "") =>
    specOf(`application: one\nwaves: [[us-west-2], [us-east-1]]\ntimeouts: { healthy: 30s }\n${rest}`);
  let urls: readonly string[];

  beforeAll(async () => {
    const about = { name: "one", script, traffic: "attachment", capacity: { min: 2, desired: 2, max: 4 } } as const;
    urls = await Promise.all(regions.map((region) => makeFleet(configIn(region), about)));
    expect(endOf((await roll(at(), "good")).rollout)).toBe("succeeded");
  }, patienceMs);

  const served = () => Promise.all(urls.map(async (url) => (await fetch(url)).text()));

  it(
    "is undone in the first region where it cannot be started; no other one meets it",
    { timeout: patienceMs },
    async () => {
      const viewers = startViewers(urls);
      const { rollout } = await roll(
        { ...at("guards: { lostInstances: 1 }\n"), timeouts: { healthyMs: 8_000, promoteMs: 1000 } },
        "crashes",
      );
      expect(rollout.status).toBe("undone");
      // What dies between two looks is not seen to die: then it is what never gets healthy.
      expect(rollout.reason).toMatch(
        /^us-west-2: (?:\d instances of version crashes died or fell ill \(i-|100 % new: not done within 8 s: 0 of 2)/,
      );
      expect(rollout.regions["us-east-1"]).toEqual({ phase: "pending" });
      expect(await served()).toEqual(["good", "good"]);
      await viewers.stop();
      expect(viewers.forget().failures).toEqual([]);
    },
  );

  it("is undone where it never gets healthy", { timeout: patienceMs }, async () => {
    const { rollout } = await roll({ ...at(), timeouts: { healthyMs: 3_000, promoteMs: 1000 } }, "deaf");
    expect(rollout.status).toBe("undone");
    expect(rollout.reason).toMatch(
      /^us-west-2: 100 % new: not done within 3 s: 0 of 2 instances of \S+ are healthy \(i-/,
    );
    expect(await served()).toEqual(["good", "good"]);
  });

  it("is gone back to: with a new group where its own is gone, else with that", { timeout: patienceMs }, async () => {
    const made = async (id: string) =>
      (await system.store.journal(id)).lines.filter(
        (line) => line.kind === "call" && line.call === "autoscaling:CreateAutoScalingGroup",
      ).length;
    const forth = await roll(at(), "earlier", "rollback");
    expect(endOf(forth.rollout)).toBe("succeeded");
    expect(await served()).toEqual(["earlier", "earlier"]);
    expect(await made(forth.rollout.id)).toBe(2);
    const back = await roll(at(), "good", "rollback");
    expect(endOf(back.rollout)).toBe("succeeded");
    expect(await served()).toEqual(["good", "good"]);
    expect(await made(back.rollout.id)).toBe(0);
  });
});
