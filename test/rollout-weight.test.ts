import { AutoScalingClient, CreateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeLaunchTemplateVersionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateRuleCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  type Action as ElbAction,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Action } from "@trysail/delivery";
import { beforeAll, describe, expect, it } from "vitest";
import { targetGroupName } from "../packages/delivery/src/aws/traffic/weight.ts";
import {
  answers,
  clusterKit,
  create,
  healthy,
  seen,
  serve,
  size,
  version,
  type Cluster,
} from "./support/rollout-cluster.ts";

const kit = clusterKit();

describe("a server group with a target group of its own", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await kit.makeCluster("weighed", "weight");
  });
  const targetGroup = (group: string) => expect.stringMatching(new RegExp(`^${group}-[0-9a-f]{8}$`)) as string;
  const weightsOf = async () =>
    Object.entries((await kit.inventory(cluster)).weights).map(([name, weight]) => `${name.slice(0, 12)} ${weight}`);

  it("is made, takes traffic by its weight, and goes", async () => {
    const port = cluster.port();
    expect(await seen(port)).toMatchObject({ traffic: "weight", groups: [] });
    expect(await port.apply(create("weighed-v000", "one", 1))).toEqual({ kind: "done" });
    const made = await kit.until(port, "weighed-v000", healthy(1));
    expect(made).toMatchObject({ weight: 0, isServing: false, version: version("one") });
    // The fleet's own target group stands in: nobody is in it.
    expect(await weightsOf()).toEqual(["weighed 1", "weighed-v000 0"]);
    expect(await answers(cluster.url)).toEqual(["503"]);
    await port.apply(serve("weighed-v000", "all", 100));
    expect(await weightsOf()).toEqual(["weighed-v000 100"]);
    await kit.cloud.eventually(async () => (await answers(cluster.url)).join() === "one");

    await port.apply(create("weighed-v001", "two", 1, false));
    await kit.until(port, "weighed-v001", healthy(1));
    expect(await answers(cluster.url)).toEqual(["one"]);
    await port.apply(serve("weighed-v001", 1, 50));
    await kit.cloud.eventually(async () => (await answers(cluster.url)).join() === "one,two");
    await port.apply(serve("weighed-v000", 0, 0));
    await kit.cloud.eventually(async () => (await answers(cluster.url)).join() === "two");
    expect(await weightsOf()).toEqual(["weighed-v000 0", "weighed-v001 50"]);
    // It is still checked, so that it can be gone back to at once.
    await kit.until(port, "weighed-v000", (group) => healthy(1)(group) && !group.isServing);

    await port.apply({ kind: "resize", group: "weighed-v000", size: { min: 0, desired: 0, max: 0 } });
    expect(await weightsOf()).toEqual(["weighed-v001 50"]);
    await port.apply({ kind: "resize", group: "weighed-v000", size: size(1) });
    expect(await weightsOf()).toEqual(["weighed-v001 50", "weighed-v000 0"]);
    await kit.until(port, "weighed-v000", healthy(1));
    await port.apply(serve("weighed-v000", "all", 100));
    await port.apply(serve("weighed-v001", 0, 0));
    await kit.cloud.eventually(async () => (await answers(cluster.url)).join() === "one");

    for (const group of ["weighed-v000", "weighed-v001"]) {
      await port.apply(serve(group, 0, 0));
      await kit.passing(10, async () => {
        expect(await port.apply({ kind: "delete", group })).toEqual({ kind: "done" });
        return !(await seen(port)).groups.some(({ name }) => name === group);
      });
    }
    expect(await kit.inventory(cluster)).toEqual({
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
    await kit.gone(port, "weighed-v002");
  });

  it("is made whole, whichever call its making was interrupted after", async () => {
    const outcomes = await kit.interrupted(cluster, [], create("weighed-v003", "three", 0), [
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
    const outcomes = await kit.interrupted(
      cluster,
      [create("weighed-v004", "four", 0)],
      { kind: "delete", group: "weighed-v004" },
      [],
    );
    expect(outcomes).toHaveLength(9);
    for (const outcome of outcomes)
      expect(outcome).toEqual({ groups: [], templateVersions: [], targetGroups: [], weights: { weighed: 1 } });
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
    expect(await kit.inventory(cluster)).toMatchObject({
      targetGroups: [expect.stringContaining("weighed-v007")],
      weights: { weighed: 1, [targetGroupName("weighed-v007")]: 0 },
    });
  });
});

describe("a server group that no rollout made", () => {
  it("is seen by its tag, and gives its traffic to those that rollouts make", async () => {
    const cluster = await kit.makeCluster("foreign", "weight");
    const { compute, traffic } = cluster.fleet;
    if (compute.kind !== "auto-scaling" || traffic?.kind !== "weight") throw new Error("of another kind");
    await kit.cloud.client(AutoScalingClient).send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: "foreign",
        LaunchTemplate: { LaunchTemplateId: compute.launchTemplate.id, Version: "1" },
        MinSize: 0,
        DesiredCapacity: 1,
        MaxSize: 1,
        VPCZoneIdentifier: compute.subnets.join(","),
        TargetGroupARNs: [traffic.targetGroup],
        Tags: [{ Key: "trysail:cluster", Value: "foreign", PropagateAtLaunch: false }],
      }),
    );
    const port = cluster.port();
    expect(await kit.until(port, "foreign", healthy(1))).toMatchObject({
      version: undefined,
      isServing: true,
      weight: 1,
    });
    await port.apply(serve("foreign", "all", 100));
    await port.apply(create("foreign-v000", "one", 1));
    await kit.until(port, "foreign-v000", healthy(1));
    expect(Object.values((await kit.inventory(cluster)).weights)).toEqual([100, 0]);
    await port.apply(serve("foreign-v000", "all", 100));
    await port.apply(serve("foreign", 0, 0));
    await kit.cloud.eventually(async () => (await answers(cluster.url)).join() === "one");
    await kit.passing(10, async () => {
      await port.apply({ kind: "delete", group: "foreign" });
      return !(await seen(port)).groups.some(({ name }) => name === "foreign");
    });
    await port.apply(serve("foreign-v000", "all", 99));
    expect((await kit.inventory(cluster)).weights).toEqual({ [targetGroupName("foreign-v000")]: 99 });
    // Nothing of it was a rollout's to remove.
    const { LaunchTemplateVersions = [] } = await kit.cloud
      .client(EC2Client)
      .send(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: compute.launchTemplate.id, Versions: ["1"] }),
      );
    expect(LaunchTemplateVersions).toHaveLength(1);
    const { TargetGroups = [] } = await kit.cloud
      .client(ElasticLoadBalancingV2Client)
      .send(new DescribeTargetGroupsCommand({ TargetGroupArns: [traffic.targetGroup] }));
    expect(TargetGroups).toHaveLength(1);
  });
});

describe("a listener's rule", () => {
  it("leads to groups by weight, and keeps what else it says", async () => {
    const cluster = await kit.makeCluster("ruled", "weight");
    const { traffic } = cluster.fleet;
    if (traffic?.kind !== "weight") throw new Error("of another kind");
    const elb = kit.cloud.client(ElasticLoadBalancingV2Client);
    const forward = (Weight: number): ElbAction => ({
      Type: "forward",
      ForwardConfig: {
        TargetGroups: [{ TargetGroupArn: traffic.targetGroup, Weight }],
        TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
      },
    });
    const { Rules: [made] = [] } = await elb.send(
      new CreateRuleCommand({
        ListenerArn: traffic.listener,
        Priority: 10,
        Conditions: [{ Field: "path-pattern", PathPatternConfig: { Values: ["/ruled"] } }],
        Actions: [forward(1)],
      }),
    );
    const rule = made?.RuleArn ?? "";
    const port = cluster.port(undefined, { ...cluster.fleet, traffic: { ...traffic, listener: rule } });
    await port.apply(create("ruled-v000", "one", 1));
    await kit.until(port, "ruled-v000", healthy(1));
    await port.apply(serve("ruled-v000", "all", 100));
    await kit.cloud.eventually(async () => (await answers(`${cluster.url}/ruled`)).join() === "one");
    // Nobody is in what the listener itself leads to.
    expect(await answers(cluster.url)).toEqual(["503"]);
    const { Rules: [after] = [] } = await elb.send(new DescribeRulesCommand({ RuleArns: [rule] }));
    expect(after?.Conditions).toEqual(made?.Conditions);
    expect(after?.Actions?.[0]?.ForwardConfig).toMatchObject({
      TargetGroups: [{ TargetGroupArn: expect.stringContaining("ruled-v000") as string, Weight: 100 }],
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
    });
  });
});
