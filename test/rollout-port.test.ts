import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeLaunchTemplateVersionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeListenersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { SSMClient } from "@aws-sdk/client-ssm";
import { regionClients, regionPort, readFleet } from "@trysail/delivery";
import type { Action, Call, Fleet, Observation, RegionPort, ServerGroup } from "@trysail/delivery";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { targetGroupName } from "../packages/delivery/src/aws/traffic/weight.ts";
import { startTestCloud, type TestCloud } from "../packages/cloud/src/testing/test-cloud.test-kit.ts";
import { makeFleet } from "./support/region-fleet.ts";

/** Answers with its version and its instance. */
const script = `#!/bin/sh
exec node -e 'require("http").createServer((_, answer) => answer.end(process.env.TRYSAIL_VERSION)).listen(process.env.PORT)'
`;
const capacity = { min: 0, desired: 2, max: 4 };
const size = (desired: number) => ({ min: 0, desired, max: 4 });
const version = (id: string) => ({
  id,
  artifact: `s3://artifacts/${id}.zip`,
  commit: `${id}c0ffee`,
  committedAt: 1_000,
});

let cloud: TestCloud;
const config = () => ({
  region: "us-east-1",
  endpoint: cloud.endpoint,
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});

/** A cluster of its own. `port` makes what a worker has; `calls` are those of all ports. */
interface Cluster {
  readonly name: string;
  readonly url: string;
  readonly fleet: Fleet;
  readonly calls: Call[];
  /** The number of the rollout that goes on. */
  rollout: number;
  port(onCall?: (call: Call) => void): RegionPort;
}

async function makeCluster(name: string, traffic: "attachment" | "weight"): Promise<Cluster> {
  const url = await makeFleet(config(), { name, script, traffic, capacity });
  const fleet = await readFleet(cloud.client(SSMClient), `/trysail/fleets/${name}`, "us-east-1");
  const calls: Call[] = [];
  const cluster: Cluster = {
    name,
    url,
    fleet,
    calls,
    rollout: 0,
    port(onCall = () => {}) {
      const now = () => cloud.clock.now();
      const clients = regionClients(
        { ...config(), maxAttempts: 1 },
        {
          now,
          onCall: (call) => {
            calls.push(call);
            onCall(call);
          },
        },
      );
      opened.push(clients);
      return regionPort({
        clients,
        cluster: { app: name, stack: undefined, detail: undefined },
        fleet,
        rollout: `${name}.${cluster.rollout}`,
        alarms: [],
        now,
      });
    },
  };
  return cluster;
}

const opened: { close(): void }[] = [];

beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(async () => {
  for (const clients of opened) clients.close();
  await cloud.stop();
});

async function seen(port: RegionPort): Promise<Observation> {
  const observed = await port.observe();
  if (observed.kind === "unreachable") throw new Error(observed.message);
  return observed;
}

/** A group, once it is as it is wanted. */
const until = (port: RegionPort, group: string, isReached: (group: ServerGroup) => boolean): Promise<ServerGroup> =>
  cloud.eventually(async () => {
    const found = (await seen(port)).groups.find(({ name }) => name === group);
    return found !== undefined && isReached(found) && found;
  });

const registered = ({ instances }: ServerGroup) => instances.filter(({ isRegistered }) => isRegistered);
const healthy = (count: number) => (group: ServerGroup) =>
  registered(group).filter(({ health, lifecycle }) => health === "healthy" && lifecycle === "running").length === count;

/** As often as it takes until time, which stands still else, has let connections end. */
const gone = (port: RegionPort, group: string) =>
  cloud.eventually(async () => {
    await cloud.clock.advance({ seconds: 10 });
    return !(await seen(port)).groups.some(({ name }) => name === group);
  });

/** @returns the versions that answer, of many requests */
async function answers(url: string): Promise<readonly string[]> {
  const all = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const response = await fetch(url);
      return response.ok ? response.text() : String(response.status);
    }),
  );
  return [...new Set(all)].toSorted();
}

const create = (group: string, id: string, desired: number, isServing = true): Action => ({
  kind: "create",
  group,
  role: "server",
  version: version(id),
  size: size(desired),
  isServing,
});
const serve = (group: string, instances: number | "all", weight: number): Action => ({
  kind: "serve",
  group,
  instances,
  weight,
});

/** What a rollout has made, without what is told by chance. */
async function inventory({ fleet, name }: Cluster) {
  const autoScaling = cloud.client(AutoScalingClient);
  const ec2 = cloud.client(EC2Client);
  const elb = cloud.client(ElasticLoadBalancingV2Client);
  if (fleet.compute.kind !== "auto-scaling") throw new Error("not of Auto Scaling");
  const { AutoScalingGroups = [] } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: "tag:trysail:cluster", Values: [name] }] }),
  );
  const { LaunchTemplateVersions = [] } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: fleet.compute.launchTemplate.id }),
  );
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
  const own = TargetGroups.filter(({ TargetGroupName = "" }) => TargetGroupName.startsWith(`${name}-`));
  const nameOf = (arn = "") => /targetgroup\/([^/]+)/.exec(arn)?.[1] ?? "";
  const delays = await Promise.all(
    own.map(async ({ TargetGroupArn }) => {
      const { Attributes = [] } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
      return Attributes.find(({ Key }) => Key === "deregistration_delay.timeout_seconds")?.Value;
    }),
  );
  const listener = fleet.traffic?.kind === "weight" ? fleet.traffic.listener : undefined;
  const { Listeners: [found] = [] } =
    listener === undefined ? {} : await elb.send(new DescribeListenersCommand({ ListenerArns: [listener] }));
  return {
    groups: AutoScalingGroups.map((group) => ({
      name: group.AutoScalingGroupName,
      size: [group.MinSize, group.DesiredCapacity, group.MaxSize],
      targetGroups: group.TargetGroupARNs?.map(nameOf),
      healthCheck: group.HealthCheckType,
      tags: Object.fromEntries((group.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
    })),
    templateVersions: LaunchTemplateVersions.map(({ VersionDescription }) => VersionDescription).slice(0, -1),
    targetGroups: own.map(({ TargetGroupName = "" }, index) => `${TargetGroupName} ${delays[index]}`),
    weights: Object.fromEntries(
      (found?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn, Weight }) => [
        nameOf(TargetGroupArn),
        Weight,
      ]),
    ),
  };
}

/** @returns whether a worker was killed after so many calls: else it has ended before */
async function kill(cluster: Cluster, action: Action, after: number): Promise<boolean> {
  let count = 0;
  const killed = await cluster
    .port(() => {
      if (++count === after) throw new Error("killed");
    })
    .apply(action);
  if (killed.kind === "refused") expect(killed.message).toBe("Error: killed");
  return killed.kind === "refused";
}

/**
 * Kills a worker after each call of an action in turn; the next worker then does the whole action.
 *
 * @returns what was there after each
 */
async function interrupted(
  cluster: Cluster,
  before: readonly Action[],
  action: Action,
  after: readonly Action[],
): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (let last = 1, isKilled = true; isKilled; last++) {
    cluster.rollout++;
    for (const one of before) expect(await cluster.port().apply(one)).toEqual({ kind: "done" });
    isKilled = await kill(cluster, action, last);
    expect(await cluster.port().apply(action)).toEqual({ kind: "done" });
    await cloud.idle();
    outcomes.push(await inventory(cluster));
    for (const one of after) expect(await cluster.port().apply(one)).toEqual({ kind: "done" });
    await cloud.idle();
  }
  return outcomes;
}

describe("a server group that is attached", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await makeCluster("attached", "attachment");
  });

  it("is made, serves as it is told to, and goes", async () => {
    const port = cluster.port();
    expect(await seen(port)).toMatchObject({ traffic: "attachment", capacity, groups: [], alarms: [] });
    expect(await port.apply(create("attached-v000", "one", 2))).toEqual({ kind: "done" });
    const made = await until(port, "attached-v000", healthy(2));
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
    await until(port, "attached-v001", healthy(1));
    expect(await answers(cluster.url)).toEqual(["one", "two"]);

    await port.apply(serve("attached-v000", 1, 50));
    const half = await until(port, "attached-v000", (group) => registered(group).length === 1);
    expect(half.instances).toHaveLength(2);
    expect(half.isServing).toBe(true);
    await port.apply(serve("attached-v000", 0, 0));
    await until(port, "attached-v000", (group) => !group.isServing && registered(group).length === 0);
    expect(await answers(cluster.url)).toEqual(["two"]);
    await port.apply(serve("attached-v000", "all", 100));
    const back = await until(port, "attached-v000", healthy(2));
    expect(back.instances.map(({ id }) => id).toSorted()).toEqual(made.instances.map(({ id }) => id).toSorted());

    await port.apply({ kind: "resize", group: "attached-v001", size: size(2) });
    await until(port, "attached-v001", healthy(2));
    await port.apply({ kind: "promote", group: "attached-v001" });
    expect((await seen(port)).groups.map(({ name, isPromoted }) => [name, isPromoted])).toEqual([
      ["attached-v000", false],
      ["attached-v001", true],
    ]);
    await port.apply({ kind: "demote", group: "attached-v001" });
    await port.apply(serve("attached-v000", 0, 0));
    await until(port, "attached-v000", (group) => registered(group).length === 0);
    await port.apply({ kind: "delete", group: "attached-v000" });
    await gone(port, "attached-v000");
    await port.apply({ kind: "delete", group: "attached-v001" });
    await gone(port, "attached-v001");
    expect(await inventory(cluster)).toMatchObject({ groups: [], templateVersions: [] });
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
    const outcomes = await interrupted(cluster, [], create("attached-v002", "three", 0), [
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
    await until(cluster.port(), "attached-v003", healthy(3));
    const numbers: number[] = [];
    for (const [instances, weight] of [
      [1, 33],
      ["all", 100],
      [2, 66],
      [0, 0],
      [1, 33],
    ] as const) {
      await kill(cluster, serve("attached-v003", instances, weight), 1);
      await kill(cluster, serve("attached-v003", instances, weight), 2);
      await kill(cluster, serve("attached-v003", instances, weight), 3);
      expect(await cluster.port().apply(serve("attached-v003", instances, weight))).toEqual({ kind: "done" });
      // Auto Scaling registers all of a group that is attached, in its own time.
      const wanted = instances === "all" ? 3 : instances;
      const port = cluster.port();
      await cloud.eventually(async () => {
        const found = await until(port, "attached-v003", () => true);
        if (registered(found).length === wanted) return true;
        await port.apply(serve("attached-v003", instances, weight));
        return false;
      });
      numbers.push(wanted);
      const { groups } = await inventory(cluster);
      expect(groups[0]?.healthCheck).toBe(instances === "all" ? "ELB" : "EC2");
    }
    expect(numbers).toEqual([1, 3, 2, 0, 1]);
    await cluster.port().apply({ kind: "delete", group: "attached-v003" });
    await gone(cluster.port(), "attached-v003");
  });

  it("goes whole, whichever call that was interrupted after", async () => {
    const outcomes = await interrupted(
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
      const once = await inventory(cluster);
      expect(await port.apply(action)).toEqual({ kind: "done" });
      expect(await cluster.port().apply(action)).toEqual({ kind: "done" });
      expect(await inventory(cluster)).toEqual(once);
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
    await cloud.client(AutoScalingClient).send(
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

describe("a server group with a target group of its own", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await makeCluster("weighed", "weight");
  });
  const targetGroup = (group: string) => expect.stringMatching(new RegExp(`^${group}-[0-9a-f]{8}$`)) as string;
  const weightsOf = async () =>
    Object.entries((await inventory(cluster)).weights).map(([name, weight]) => `${name.slice(0, 12)} ${weight}`);

  it("is made, takes traffic by its weight, and goes", async () => {
    const port = cluster.port();
    expect(await seen(port)).toMatchObject({ traffic: "weight", groups: [] });
    expect(await port.apply(create("weighed-v000", "one", 1))).toEqual({ kind: "done" });
    const made = await until(port, "weighed-v000", healthy(1));
    expect(made).toMatchObject({ weight: 0, isServing: false, version: version("one") });
    // The fleet's own target group stands in: nobody is in it.
    expect(await weightsOf()).toEqual(["weighed 1", "weighed-v000 0"]);
    expect(await answers(cluster.url)).toEqual(["503"]);
    await port.apply(serve("weighed-v000", "all", 100));
    expect(await weightsOf()).toEqual(["weighed-v000 100"]);
    await cloud.eventually(async () => (await answers(cluster.url)).join() === "one");

    await port.apply(create("weighed-v001", "two", 1, false));
    await until(port, "weighed-v001", healthy(1));
    expect(await answers(cluster.url)).toEqual(["one"]);
    await port.apply(serve("weighed-v001", 1, 50));
    await cloud.eventually(async () => (await answers(cluster.url)).join() === "one,two");
    await port.apply(serve("weighed-v000", 0, 0));
    await cloud.eventually(async () => (await answers(cluster.url)).join() === "two");
    expect(await weightsOf()).toEqual(["weighed-v000 0", "weighed-v001 50"]);
    // It is still checked, so that it can be gone back to at once.
    await until(port, "weighed-v000", (group) => healthy(1)(group) && !group.isServing);

    await port.apply({ kind: "resize", group: "weighed-v000", size: { min: 0, desired: 0, max: 0 } });
    expect(await weightsOf()).toEqual(["weighed-v001 50"]);
    await port.apply({ kind: "resize", group: "weighed-v000", size: size(1) });
    expect(await weightsOf()).toEqual(["weighed-v001 50", "weighed-v000 0"]);
    await until(port, "weighed-v000", healthy(1));
    await port.apply(serve("weighed-v000", "all", 100));
    await port.apply(serve("weighed-v001", 0, 0));
    await cloud.eventually(async () => (await answers(cluster.url)).join() === "one");

    for (const group of ["weighed-v000", "weighed-v001"]) {
      await port.apply(serve(group, 0, 0));
      await cloud.eventually(async () => {
        await cloud.clock.advance({ seconds: 10 });
        expect(await port.apply({ kind: "delete", group })).toEqual({ kind: "done" });
        return !(await seen(port)).groups.some(({ name }) => name === group);
      });
    }
    expect(await inventory(cluster)).toEqual({
      groups: [],
      templateVersions: [],
      targetGroups: [],
      weights: { weighed: 1 },
    });
  });

  it("is told by few calls", async () => {
    const port = cluster.port();
    await port.apply(create("weighed-v002", "two", 0));
    cluster.calls.length = 0;
    await seen(port);
    expect(cluster.calls.map(({ operation }) => operation).toSorted()).toEqual([
      "DescribeAutoScalingGroups",
      "DescribeListeners",
    ]);
    await port.apply({ kind: "delete", group: "weighed-v002" });
    await gone(port, "weighed-v002");
  });

  it("is made whole, whichever call its making was interrupted after", async () => {
    const outcomes = await interrupted(cluster, [], create("weighed-v003", "three", 0), [
      { kind: "delete", group: "weighed-v003" },
    ]);
    expect(outcomes.length).toBeGreaterThan(10);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        groups: [{ name: "weighed-v003", targetGroups: [targetGroup("weighed-v003")], healthCheck: "ELB" }],
        templateVersions: ["weighed-v003"],
        // With the attributes of the fleet's own.
        targetGroups: [expect.stringMatching(/^weighed-v003-[0-9a-f]{8} 5$/)],
        weights: { weighed: 1, [targetGroupName("weighed-v003")]: 0 },
      });
  });

  it("goes whole, whichever call that was interrupted after", async () => {
    const outcomes = await interrupted(
      cluster,
      [create("weighed-v004", "four", 0)],
      { kind: "delete", group: "weighed-v004" },
      [],
    );
    expect(outcomes).toHaveLength(8);
    for (const outcome of outcomes)
      expect(outcome).toEqual({ groups: [], templateVersions: [], targetGroups: [], weights: { weighed: 1 } });
  });

  it("is not changed by what is done twice", async () => {
    const port = cluster.port();
    const twice = async (action: Action) => {
      expect(await port.apply(action)).toEqual({ kind: "done" });
      const once = await inventory(cluster);
      expect(await port.apply(action)).toEqual({ kind: "done" });
      expect(await cluster.port().apply(action)).toEqual({ kind: "done" });
      expect(await inventory(cluster)).toEqual(once);
    };
    cluster.rollout++;
    await twice(create("weighed-v005", "five", 0));
    await twice(serve("weighed-v005", "all", 100));
    await twice(serve("weighed-v005", "all", 0));
    await twice({ kind: "resize", group: "weighed-v005", size: { min: 0, desired: 0, max: 0 } });
    await twice({ kind: "delete", group: "weighed-v005" });
  });

  it("leaves nothing in the listener if it was never made whole, once the next one is made", async () => {
    cluster.rollout++;
    let isKilled = false;
    await cluster
      .port(({ operation }) => {
        if (operation !== "ModifyListener" || isKilled) return;
        isKilled = true;
        throw new Error("killed");
      })
      .apply(create("weighed-v006", "six", 0));
    expect(await weightsOf()).toEqual(["weighed 1", "weighed-v006 0"]);
    await cluster.port().apply(create("weighed-v007", "seven", 0));
    expect(await inventory(cluster)).toMatchObject({
      targetGroups: [expect.stringContaining("weighed-v007")],
      weights: { weighed: 1, [targetGroupName("weighed-v007")]: 0 },
    });
  });
});
