import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { endLeftovers } from "@trysail/cloud";
import { silentLog, systemClock } from "@trysail/core";
import { drive, localPace, parseRollout, startRollout, type Rollout, type RolloutSpec } from "@trysail/delivery";
import { rolloutSystem, type RolloutSystem } from "@trysail/delivery/aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCloud, type Cloud } from "../packages/cloud/src/cloud.ts";
import { balancerProgram } from "../packages/cloud/src/testing/balancer-program.test-kit.ts";
import { makeFleet } from "./support/region-fleet.mjs";
import { startViewers } from "./support/viewers.ts";

const patienceMs = 120_000;
const regions = ["us-west-2", "us-east-1"];
const clock = systemClock();
const credentials = { accessKeyId: "test", secretAccessKey: "test" };

/** Serves its version; a version of that name cannot be started, or answers with errors. */
const script = `#!/bin/sh
case "$TRYSAIL_VERSION" in crash*) kill -9 $$ ;; esac
exec node -e '
  const version = process.env.TRYSAIL_VERSION;
  if (version.startsWith("deaf")) setInterval(() => {}, 1000);
  else require("http").createServer((request, answer) => answer.end(version)).listen(process.env.PORT);
'
`;

let cloud: Cloud;
let folder: string;
let system: RolloutSystem;
const configIn = (region: string) => ({ endpoint: cloud.endpoint, region, credentials });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-test-"));
  cloud = await createCloud({
    dataFolder: folder,
    port: 0,
    clock,
    log: silentLog,
    bootstrap: true,
    measuresUsage: false,
    balancerFile: balancerProgram,
  });
  const s3 = new S3Client(configIn("us-east-1"));
  await s3.send(new CreateBucketCommand({ Bucket: "rollouts" }));
  s3.destroy();
  system = rolloutSystem({
    home: "us-east-1",
    bucket: "rollouts",
    configIn,
    pace: localPace,
    worker: "worker",
    clock,
    log: silentLog,
    random: Math.random,
  });
}, patienceMs);

afterAll(async () => {
  system.close();
  await cloud.stop();
  await endLeftovers(folder, {});
  await rm(folder, { recursive: true, force: true });
});

function specOf(text: string): RolloutSpec {
  const read = parseRollout(text);
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  return read.spec;
}

let rollouts = 0;

/** Rolls a version out to the end. */
async function roll(spec: RolloutSpec, version: string, kind: "rollout" | "rollback" = "rollout") {
  const id = `${spec.cluster.app}.${(rollouts += 1)}`;
  const artifact = `s3://builds/${version}.zip`;
  await startRollout(system.store, { id, kind, spec, version: { id: version, artifact } }, clock.now());
  await drive({ driver: system.driver, clock, log: silentLog, pace: localPace }, id, AbortSignal.timeout(patienceMs));
  return (await system.store.read(id))!.value;
}

/** How it ended, with the reason if there is one. */
const endOf = ({ status, reason }: Rollout) => (reason === undefined ? status : `${status}: ${reason}`);

describe.each(["attachment", "weight"] as const)("with traffic by %s", (traffic) => {
  const name = `by-${traffic}`.replace("-", "");
  const at = (rest: string) =>
    specOf(`application: ${name}\nwaves: [[us-west-2], [us-east-1]]\ntimeouts: { healthy: 30s }\n${rest}`);
  let urls: readonly string[];
  /** What does not depend on how traffic is moved. */
  const itOnce = it.runIf(traffic === "attachment");

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

  itOnce(
    "undoes what cannot be started in the first region, and says why; no other region meets it",
    { timeout: patienceMs },
    async () => {
      const viewers = startViewers(urls);
      const { rollout } = await roll(at("strategy: red-black\nguards: { lostInstances: 1 }\n"), "crashes");
      expect(rollout.status).toBe("undone");
      expect(rollout.reason).toMatch(/^us-west-2: \d instances of version crashes died or fell ill \(i-/);
      expect(rollout.regions["us-east-1"]).toEqual({ phase: "pending" });
      expect(await served()).toEqual(["four", "four"]);
      await viewers.stop();
      expect(viewers.forget().failures).toEqual([]);
    },
  );

  itOnce("undoes what never gets healthy", { timeout: patienceMs }, async () => {
    const { rollout } = await roll(
      { ...at("strategy: red-black\n"), timeouts: { healthyMs: 4_000, promoteMs: 1000 } },
      "deaf",
    );
    expect(rollout.status).toBe("undone");
    expect(rollout.reason).toMatch(
      /^us-west-2: 100 % new: not done within 4 s: 0 of 2 instances of \S+ are healthy \(i-/,
    );
    expect(await served()).toEqual(["four", "four"]);
  });

  itOnce("goes back to a version whose group is gone", { timeout: patienceMs }, async () => {
    const { rollout } = await roll(at("strategy: red-black\n"), "one", "rollback");
    expect(rollout.status).toBe("succeeded");
    expect(await served()).toEqual(["one", "one"]);
    const back = await roll(at("strategy: red-black\n"), "four", "rollback");
    expect(back.rollout.status).toBe("succeeded");
    // The group that was kept serves again: none was made.
    const { lines } = await system.store.journal(back.rollout.id);
    expect(
      lines
        .filter((line) => line.kind === "call" && line.call.startsWith("autoscaling:Create"))
        .map((line) => line.kind === "call" && line.call),
    ).not.toContain("autoscaling:CreateAutoScalingGroup");
    expect(await served()).toEqual(["four", "four"]);
  });
});
