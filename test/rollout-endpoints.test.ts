import { AutoScalingClient, paginateDescribeAutoScalingGroups } from "@aws-sdk/client-auto-scaling";
import { DescribeImagesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { silentLog, systemClock } from "@trysail/core";
import { drive, localPace, rolloutSystem, startRollout, type RolloutSystem } from "@trysail/delivery";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFleet } from "./support/region-fleet.mjs";
import { endOf, specOf } from "./support/rollouts.ts";

const patienceMs = 60_000;
const clock = systemClock();
const credentials = { accessKeyId: "test", secretAccessKey: "test" };

/** Any endpoint that speaks AWS; what stands there of an earlier run is left alone. */
const foreign = process.env["TRYSAIL_TEST_ENDPOINT"] ?? "";

describe.skipIf(foreign === "")("an endpoint that speaks AWS and is not Trysail's", () => {
  const regions = ["us-west-2", "eu-west-1"];
  const run = `e${clock.now().toString(36)}`;
  const configIn = (region: string) => ({ endpoint: foreign, region, credentials });
  let system: RolloutSystem;

  beforeAll(async () => {
    const s3 = new S3Client({ ...configIn("us-east-1"), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: run }));
    s3.destroy();
    system = rolloutSystem({
      home: "us-east-1",
      bucket: run,
      configIn,
      pace: localPace,
      worker: "worker",
      clock,
      log: silentLog,
      random: Math.random,
    });
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
      const start = { id, kind, spec, version: { id: version, artifact: `s3://builds/${version}` } };
      await startRollout(system.store, start, clock.now());
      await drive(
        { driver: system.driver, clock, log: silentLog, pace: localPace },
        id,
        AbortSignal.timeout(patienceMs),
      );
      return (await system.store.read(id))!.value;
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
