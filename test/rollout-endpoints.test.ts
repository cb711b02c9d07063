import { AutoScalingClient, paginateDescribeAutoScalingGroups } from "@aws-sdk/client-auto-scaling";
import { DescribeImagesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { stepsOf } from "@trysail/delivery";
import type { RolloutSystem } from "@trysail/delivery/aws";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { seededRandom } from "../packages/delivery/src/judge/random.test-kit.ts";
import { makeFleet } from "./support/region-fleet.mjs";
import {
  clock,
  makeBucket,
  patienceMs,
  rollOut,
  startRealCloud,
  systemOver,
  type RealCloud,
} from "./support/real-cloud.ts";
import { endOf, specOf } from "./support/rollouts.ts";
import { startUnsteadyProxy, type UnsteadyProxy, type UnsteadyProxyOptions } from "./support/unsteady-proxy.ts";
import { startViewers } from "./support/viewers.ts";

const credentials = { accessKeyId: "test", secretAccessKey: "test" };

/** Any endpoint that speaks AWS; what stands there of an earlier run is left alone. */
const foreign = process.env["TRYSAIL_TEST_ENDPOINT"] ?? "";

describe.skipIf(foreign === "")("an endpoint that speaks AWS and is not Trysail's", () => {
  const regions = ["us-west-2", "eu-west-1"];
  const run = `e${clock.now().toString(36)}`;
  const configIn = (region: string) => ({ endpoint: foreign, region, credentials });
  let system: RolloutSystem;

  beforeAll(async () => {
    await makeBucket(configIn, run);
    system = systemOver(configIn, { bucket: run });
  }, patienceMs);

  afterAll(() => system.close());

  async function imageIn(region: string): Promise<string> {
    const ec2 = new EC2Client(configIn(region));
    const { Images: [image] = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ["amazon"] }));
    ec2.destroy();
    return image?.ImageId ?? "";
  }

  /** What a person sees who asks Auto Scaling: each group's version, size and mark, with how many target groups it has. */
  async function groupsOf(cluster: string, region: string) {
    const client = new AutoScalingClient(configIn(region));
    const found: object[] = [];
    for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups({ client }, {}))
      for (const { AutoScalingGroupName: name, Tags = [], Instances = [], TargetGroupARNs = [] } of AutoScalingGroups) {
        const tag = (key: string) => Tags.find(({ Key }) => Key === `trysail:${key}`)?.Value;
        if (tag("cluster") !== cluster) continue;
        const version = tag("version");
        const isPromoted = tag("promoted") === "true";
        found.push({ name, version, isPromoted, instances: Instances.length, targetGroups: TargetGroupARNs.length });
      }
    client.destroy();
    return found;
  }

  describe.each(["attachment", "weight"] as const)("with traffic by %s", (traffic) => {
    const name = `${run}-${traffic.slice(0, 1)}`.replace("-", "");

    async function roll(version: string, kind: "rollout" | "rollback" = "rollout", strategy = "red-black") {
      const spec = specOf(
        `application: ${name}\nwaves: [[us-west-2], [eu-west-1]]\nstrategy: ${strategy}\ntimeouts: { healthy: 15s }\n`,
      );
      const id = `${name}.${kind}-${version}`;
      return rollOut(system, { id, kind, spec, version });
    }

    it("rolls versions out over two regions, and back", { timeout: patienceMs }, async () => {
      const capacity = { min: 2, desired: 2, max: 4 };
      for (const region of regions)
        await makeFleet(configIn(region), {
          name,
          script: "#!/bin/sh\n",
          traffic,
          capacity,
          image: await imageIn(region),
        });
      expect(endOf((await roll("one")).rollout)).toBe("succeeded");
      expect(endOf((await roll("two")).rollout)).toBe("succeeded");
      // A group without traffic is detached where traffic moves by attachment, and else keeps the target group of its own.
      const idle = traffic === "weight" ? 1 : 0;
      for (const region of regions)
        expect(await groupsOf(name, region)).toEqual([
          { name: `${name}-v000`, version: "one", isPromoted: false, instances: 0, targetGroups: idle },
          { name: `${name}-v001`, version: "two", isPromoted: true, instances: 2, targetGroups: 1 },
        ]);
      expect(endOf((await roll("one", "rollback")).rollout)).toBe("succeeded");
      for (const region of regions)
        expect(await groupsOf(name, region)).toEqual([
          { name: `${name}-v000`, version: "one", isPromoted: true, instances: 2, targetGroups: 1 },
          { name: `${name}-v001`, version: "two", isPromoted: false, instances: 0, targetGroups: idle },
        ]);
    });

    it("deletes the groups that a version replaces", { timeout: patienceMs }, async () => {
      expect(endOf((await roll("three", "rollout", "highlander")).rollout)).toBe("succeeded");
      for (const region of regions)
        expect(await groupsOf(name, region)).toEqual([
          { name: `${name}-v002`, version: "three", isPromoted: true, instances: 2, targetGroups: 1 },
        ]);
    });
  });
});

describe("an endpoint on a bad day", () => {
  const regions = ["us-west-2", "eu-west-1"];
  const capacity = { min: 2, desired: 2, max: 4 };
  const script = `#!/bin/sh
exec node -e 'require("http").createServer((_, answer) => answer.end(process.env.TRYSAIL_VERSION)).listen(process.env.PORT)'
`;
  let cloud: RealCloud;
  const steady = (region: string) => cloud.configIn(region);

  beforeAll(async () => {
    cloud = await startRealCloud();
  }, patienceMs);

  afterAll(() => cloud.stop());

  /** A fleet in both regions that runs version `one`, and from then on a proxy of its own before each region. */
  async function start(
    { onTestFinished }: TestContext,
    name: string,
    traffic: "attachment" | "weight",
    badness: Partial<UnsteadyProxyOptions> = {},
  ) {
    const urls = await Promise.all(
      regions.map((region) => makeFleet(steady(region), { name, script, traffic, capacity })),
    );
    const proxies: Record<string, UnsteadyProxy> = {};
    const system = systemOver(
      (region) => ({ ...steady(region), endpoint: proxies[region]?.endpoint ?? steady(region).endpoint }),
      { worker: name },
    );
    onTestFinished(async () => {
      system.close();
      await Promise.all(Object.values(proxies).map((proxy) => proxy.stop()));
    });
    const roll = async (version: string, more: string) => {
      const id = `${name}.${version}`;
      const spec = specOf(`application: ${name}\nstrategy: red-black\n${more}`);
      const stored = await rollOut(system, { id, spec, version });
      return { ...stored, journal: (await system.store.journal(id)).lines };
    };
    const first = await roll("one", "waves: [[us-west-2, eu-west-1]]\ntimeouts: { healthy: 60s }\n");
    expect(endOf(first.rollout)).toBe("succeeded");
    for (const [index, region] of regions.entries()) {
      const random = seededRandom(index + 1);
      proxies[region] = await startUnsteadyProxy({ target: steady(region).endpoint, clock, random, ...badness });
    }
    const served = () => Promise.all(urls.map(async (url) => (await fetch(url)).text()));
    return { urls, proxies, roll, served };
  }

  // Side by side: most of their time, they wait.
  it.concurrent.for(["attachment", "weight"] as const)(
    "that is slow, throttles and describes the past fails no request of a rollout by %s, whose calls are few",
    { timeout: patienceMs },
    async (traffic, context) => {
      const name = `bad-${traffic}`.replace("-", "");
      const badness = { throttled: 0.15, delayMs: [20, 80], staleMs: 1_000 } as const;
      const { urls, roll, served } = await start(context, name, traffic, badness);
      const viewers = startViewers(urls);
      context.onTestFinished(() => viewers.stop());
      const { rollout, calls, journal } = await roll(
        "two",
        "waves: [[us-west-2, eu-west-1]]\ntimeouts: { healthy: 60s }\n",
      );
      expect(endOf(rollout)).toBe("succeeded");
      expect(await served()).toEqual(["two", "two"]);
      expect(viewers.forget().failures).toEqual([]);
      const told = journal.flatMap((line) => (line.kind === "call" ? [line] : []));
      // It was a bad day.
      expect(told.map(({ outcome }) => outcome)).toContain("Throttling");
      // Each attempt counts, also one that was throttled.
      expect(calls.changing).toBe(told.filter(({ call }) => !call.includes(":Describe")).length);
      const steps = regions.flatMap((region) => stepsOf(rollout.spec, region, "rollout")).length;
      expect(steps).toBe(10);
      // Measured: for each step of a region 2 changes and 5 reads by attachment, 3 and 12 by weight.
      expect(calls.changing).toBeLessThan(5 * steps);
      expect(calls.reading).toBeLessThan(20 * steps);
    },
  );

  const waves = "waves: [[us-west-2], [eu-west-1]]\n";

  it.concurrent(
    "that denies a call makes the rollout be undone, and say what permission to give",
    { timeout: patienceMs },
    async (context) => {
      const { proxies, roll, served } = await start(context, "denied", "attachment");
      proxies["eu-west-1"]!.deny("CreateAutoScalingGroup");
      const { rollout } = await roll("two", `${waves}timeouts: { healthy: 60s }\n`);
      expect(rollout.status).toBe("undone");
      expect(rollout.reason).toMatch(
        /^eu-west-1: create denied-v001: Access is denied \(AccessDenied\): .* autoscaling:CreateAutoScalingGroup action\. /,
      );
      expect(rollout.reason).toMatch(
        / Add to the policy of who makes the calls: {"Effect":"Allow","Action":"autoscaling:CreateAutoScalingGroup","Resource":"\*"}$/,
      );
      expect(await served()).toEqual(["one", "one"]);
    },
  );

  it.concurrent(
    "that is down when its turn comes makes what went out before be undone",
    { timeout: patienceMs },
    async (context) => {
      const { proxies, roll, served } = await start(context, "down", "attachment");
      await proxies["eu-west-1"]!.stop();
      const { rollout, journal } = await roll("two", `${waves}timeouts: { healthy: 12s }\n`);
      expect(endOf(rollout)).toMatch(
        /^undone: eu-west-1: it does not answer: The region does not answer \(ECONNREFUSED\): /,
      );
      expect(rollout.regions).toMatchObject({ "us-west-2": { phase: "undone" }, "eu-west-1": { phase: "undone" } });
      // Nothing was changed there, so that nothing waits for it.
      const told = journal.flatMap((line) =>
        line.kind === "call" && line.region === "eu-west-1" ? [line.outcome] : [],
      );
      expect(new Set(told)).toEqual(new Set(["ECONNREFUSED"]));
      expect(await served()).toEqual(["one", "one"]);
    },
  );

  it.concurrent(
    "that goes down halfway is waited for, and then told of; the others are undone",
    { timeout: patienceMs },
    async (context) => {
      const { proxies, roll, served } = await start(context, "halfway", "attachment");
      proxies["eu-west-1"]!.stopAfter("CreateAutoScalingGroup");
      const both = "waves: [[us-west-2, eu-west-1]]\n";
      const { rollout } = await roll("two", `${both}timeouts: { healthy: 12s }\n`);
      expect(endOf(rollout)).toMatch(
        /^halted: eu-west-1: it does not answer: The region does not answer \(ECONNREFUSED\): /,
      );
      expect(rollout.regions).toMatchObject({
        "us-west-2": { phase: "undone" },
        "eu-west-1": { phase: "halted", left: expect.stringMatching(/^It does not answer: .*ECONNREFUSED/) },
      });
      const [west] = await served();
      expect(west).toBe("one");
    },
  );
});
