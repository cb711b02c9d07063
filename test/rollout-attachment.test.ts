import { AutoScalingClient, CreateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import type { Action } from "@trysail/delivery";
import { beforeAll, describe, expect, it } from "vitest";
import {
  answers,
  capacity,
  clusterKit,
  create,
  healthy,
  registered,
  seen,
  serve,
  size,
  version,
  type Cluster,
} from "./support/rollout-cluster.ts";

const kit = clusterKit();

describe("a server group that is attached", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await kit.makeCluster("attached", "attachment");
  });

  it("is made, serves as it is told to, and goes", async () => {
    const port = cluster.port();
    expect(await seen(port)).toMatchObject({ traffic: "attachment", capacity, groups: [], alarms: [] });
    expect(await port.apply(create("attached-v000", "one", 2))).toEqual({ kind: "done" });
    const made = await kit.until(port, "attached-v000", healthy(2));
    expect(made).toMatchObject({
      role: "server",
      version: version("one"),
      size: size(2),
      isServing: true,
      weight: undefined,
      isDeleting: false,
      isPromoted: false,
      reason: undefined,
    });
    expect(await answers(cluster.url)).toEqual(["one"]);

    await port.apply(create("attached-v001", "two", 1));
    await kit.until(port, "attached-v001", healthy(1));
    expect(await answers(cluster.url)).toEqual(["one", "two"]);

    await port.apply(serve("attached-v000", 1, 50));
    const half = await kit.until(port, "attached-v000", (group) => registered(group).length === 1);
    expect(half.instances).toHaveLength(2);
    expect(half.isServing).toBe(true);
    await port.apply(serve("attached-v000", 0, 0));
    await kit.until(port, "attached-v000", (group) => !group.isServing && registered(group).length === 0);
    expect(await answers(cluster.url)).toEqual(["two"]);
    await port.apply(serve("attached-v000", "all", 100));
    const back = await kit.until(port, "attached-v000", healthy(2));
    expect(back.instances.map(({ id }) => id).toSorted()).toEqual(made.instances.map(({ id }) => id).toSorted());

    await port.apply({ kind: "resize", group: "attached-v001", size: size(2) });
    await kit.until(port, "attached-v001", healthy(2));
    await port.apply({ kind: "promote", group: "attached-v001" });
    expect((await seen(port)).groups.map(({ name, isPromoted }) => [name, isPromoted])).toEqual([
      ["attached-v000", false],
      ["attached-v001", true],
    ]);
    await port.apply({ kind: "demote", group: "attached-v001" });
    await port.apply(serve("attached-v000", 0, 0));
    await kit.until(port, "attached-v000", (group) => registered(group).length === 0);
    await port.apply({ kind: "delete", group: "attached-v000" });
    await kit.gone(port, "attached-v000");
    await port.apply({ kind: "delete", group: "attached-v001" });
    await kit.gone(port, "attached-v001");
    expect(await kit.inventory(cluster)).toMatchObject({ groups: [], templateVersions: [] });
  });

  it("is told by few calls", async () => {
    const { calls, port } = cluster;
    const reader = port();
    calls.length = 0;
    await seen(reader);
    expect(calls.map(({ operation }) => operation).toSorted()).toEqual([
      "DescribeAutoScalingGroups",
      "DescribeTargetHealth",
    ]);
    expect(calls[0]).toMatchObject({ region: "us-east-1", outcome: "ok", isMutating: false });
  });

  it("is made whole, whichever call its making was interrupted after", async () => {
    const outcomes = await kit.interrupted(cluster, [], create("attached-v002", "three", 0), [
      { kind: "delete", group: "attached-v002" },
    ]);
    // Of four calls, and without an interruption.
    expect(outcomes).toHaveLength(5);
    for (const outcome of outcomes)
      expect(outcome).toEqual({
        groups: [
          {
            name: "attached-v002",
            size: [0, 0, 4],
            targetGroups: ["attached"],
            healthCheck: "ELB",
            tags: {
              Name: "attached-v002",
              "trysail:artifact": "s3://artifacts/three.zip",
              "trysail:cluster": "attached",
              "trysail:commit": "threec0ffee",
              "trysail:committed-at": "1970-01-01T00:00:01.000Z",
              "trysail:launch-template-version": expect.any(String) as string,
              "trysail:role": "server",
              "trysail:version": "three",
            },
          },
        ],
        templateVersions: ["attached-v002"],
        targetGroups: [],
        weights: {},
      });
  });

  it("serves in part, whichever call that was interrupted after", async () => {
    await cluster.port().apply(create("attached-v003", "three", 3));
    await kit.until(cluster.port(), "attached-v003", healthy(3));
    const numbers: number[] = [];
    for (const [instances, weight] of [
      [1, 33],
      ["all", 100],
      [2, 66],
      [0, 0],
      [1, 33],
    ] as const) {
      await kit.kill(cluster, serve("attached-v003", instances, weight), 1);
      await kit.kill(cluster, serve("attached-v003", instances, weight), 2);
      await kit.kill(cluster, serve("attached-v003", instances, weight), 3);
      expect(await cluster.port().apply(serve("attached-v003", instances, weight))).toEqual({ kind: "done" });
      // Auto Scaling registers all of a group that is attached, in its own time.
      const wanted = instances === "all" ? 3 : instances;
      const port = cluster.port();
      await kit.cloud.eventually(async () => {
        const found = await kit.until(port, "attached-v003", () => true);
        if (registered(found).length === wanted) return true;
        await port.apply(serve("attached-v003", instances, weight));
        return false;
      });
      numbers.push(wanted);
      const { groups } = await kit.inventory(cluster);
      expect(groups[0]?.healthCheck).toBe(instances === "all" ? "ELB" : "EC2");
    }
    expect(numbers).toEqual([1, 3, 2, 0, 1]);
    await cluster.port().apply({ kind: "delete", group: "attached-v003" });
    await kit.gone(cluster.port(), "attached-v003");
  });

  it("goes whole, whichever call that was interrupted after", async () => {
    const outcomes = await kit.interrupted(
      cluster,
      [create("attached-v004", "four", 0)],
      { kind: "delete", group: "attached-v004" },
      [],
    );
    expect(outcomes).toHaveLength(4);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ groups: [], templateVersions: [], targetGroups: [] });
  });

  it("is not changed by what is done twice", async () => {
    const port = cluster.port();
    const twice = async (action: Action) => {
      expect(await port.apply(action)).toEqual({ kind: "done" });
      const once = await kit.inventory(cluster);
      expect(await port.apply(action)).toEqual({ kind: "done" });
      expect(await cluster.port().apply(action)).toEqual({ kind: "done" });
      expect(await kit.inventory(cluster)).toEqual(once);
    };
    await twice(create("attached-v005", "five", 0));
    await twice({ kind: "resize", group: "attached-v005", size: { min: 0, desired: 0, max: 2 } });
    await twice(serve("attached-v005", 0, 0));
    await twice(serve("attached-v005", "all", 100));
    await twice({ kind: "promote", group: "attached-v005" });
    await twice({ kind: "demote", group: "attached-v005" });
    await twice({ kind: "delete", group: "attached-v005" });
  });

  it("is not made where another has its name", async () => {
    const { compute } = cluster.fleet;
    if (compute.kind !== "auto-scaling") throw new Error("not of Auto Scaling");
    await kit.cloud.client(AutoScalingClient).send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: "attached-v006",
        LaunchTemplate: { LaunchTemplateId: compute.launchTemplate.id, Version: "1" },
        MinSize: 0,
        MaxSize: 0,
        VPCZoneIdentifier: compute.subnets.join(","),
      }),
    );
    expect(await cluster.port().apply(create("attached-v006", "six", 0))).toEqual({
      kind: "refused",
      code: "name-taken",
      message: "There is an Auto Scaling group attached-v006 that is not of this cluster.",
      next: "Delete it, or give it the tag trysail:cluster with the value attached.",
    });
  });
});
