import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { CreateLaunchTemplateVersionCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { regionClients, regionPort, readFleet } from "@trysail/delivery/aws";
import type { Action, MetricQuery } from "@trysail/delivery";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { targetGroupName } from "../packages/delivery/src/aws/traffic/weight.ts";
import { clusterKit, create, healthy, seen } from "./support/rollout-cluster.ts";

const kit = clusterKit();

/** Where nobody listens any more. */
async function silentEndpoint(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe("a server group without a balancer", () => {
  it("serves as long as its instances are there, and is emptied before it goes", async () => {
    const cluster = await kit.makeCluster("alone", "attachment");
    const port = cluster.port(undefined, { ...cluster.fleet, traffic: undefined });
    await port.apply(create("alone-v000", "one", 2));
    const made = await kit.until(port, "alone-v000", healthy(2));
    expect(made).toMatchObject({ isServing: true, weight: undefined });
    expect((await kit.inventory(cluster)).groups).toMatchObject([{ healthCheck: "EC2", targetGroups: [] }]);
    expect(await port.apply({ kind: "delete", group: "alone-v000" })).toEqual({ kind: "done" });
    expect((await kit.inventory(cluster)).groups).toMatchObject([{ name: "alone-v000", size: [0, 0, 0] }]);
    await kit.until(port, "alone-v000", ({ instances }) => instances.length === 0);
    await port.apply({ kind: "delete", group: "alone-v000" });
    await kit.gone(port, "alone-v000");
  });

  it("tells why instances cannot be had", async () => {
    const cluster = await kit.makeCluster("barren", "attachment");
    const ec2 = kit.cloud.client(EC2Client);
    const { compute } = cluster.fleet;
    if (compute.kind !== "auto-scaling") throw new Error("not of Auto Scaling");
    const { LaunchTemplateVersion } = await ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId: compute.launchTemplate.id,
        SourceVersion: "1",
        LaunchTemplateData: { ImageId: "ami-00000000000000000" },
      }),
    );
    const launchTemplate = { id: compute.launchTemplate.id, version: String(LaunchTemplateVersion?.VersionNumber) };
    const port = cluster.port(undefined, { ...cluster.fleet, compute: { ...compute, launchTemplate } });
    await port.apply(create("barren-v000", "one", 1));
    await kit.cloud.clock.advance({ seconds: 30 });
    const lacking = await kit.until(port, "barren-v000", ({ reason }) => reason !== undefined);
    expect(lacking.reason).toContain("ami-00000000000000000");
  });

  it("tells what its instances died of", async () => {
    const cluster = await kit.makeCluster("mortal", "attachment");
    const port = cluster.port(undefined, { ...cluster.fleet, traffic: undefined });
    await port.apply(create("mortal-v000", "crashes", 1));
    const reason = await kit.passing(1, async () => (await seen(port)).groups[0]?.reason);
    expect(reason).toMatch(/^i-\w+ was taken out of service in response to an EC2 health check/);
  });
});

describe("a region", () => {
  it("tells which alarms ring", async () => {
    const cloudWatch = kit.cloud.client(CloudWatchClient);
    for (const AlarmName of ["errors", "latency"])
      await cloudWatch.send(
        new PutMetricAlarmCommand({
          AlarmName,
          Namespace: "Playback",
          MetricName: AlarmName,
          Statistic: "Sum",
          Period: 60,
          EvaluationPeriods: 1,
          ComparisonOperator: "GreaterThanThreshold",
          Threshold: 1,
        }),
      );
    await cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName: "errors", StateValue: "ALARM", StateReason: "For a test." }),
    );
    const cluster = await kit.makeCluster("alarmed", "attachment");
    const port = cluster.port(undefined, cluster.fleet, ["errors", "latency", "nowhere"]);
    cluster.calls.length = 0;
    expect((await seen(port)).alarms).toEqual(["errors"]);
    expect(cluster.calls.map(({ operation }) => operation).toSorted()).toEqual([
      "DescribeAlarms",
      "DescribeAutoScalingGroups",
      "DescribeTargetHealth",
    ]);
  });

  it("that does not answer is told as such", async () => {
    const clients = regionClients(
      { ...kit.config(), endpoint: await silentEndpoint(), maxAttempts: 1 },
      { now: () => 1, onCall() {} },
    );
    const { fleet } = await kit.makeCluster("lost", "attachment");
    const cluster = { app: "lost", stack: undefined, detail: undefined };
    const port = regionPort({ clients, cluster, fleet, rollout: "lost.1", alarms: [], now: () => 1 });
    expect(await port.observe()).toMatchObject({ kind: "unreachable", code: "ECONNREFUSED", isTransient: true });
    expect(await port.apply(create("lost-v000", "one", 1))).toMatchObject({ kind: "later" });
    clients.close();
  });

  it("refuses what is not fit, in words for people", async () => {
    const cluster = await kit.makeCluster("unfit", "attachment");
    const artifact = `s3://${"a".repeat(300)}`;
    const action = { ...create("unfit-v000", "one", 1), version: { id: "one", artifact } };
    expect(await cluster.port().apply(action as Action)).toMatchObject({ kind: "refused", code: "tag-too-long" });
    expect((await kit.inventory(cluster)).templateVersions).toEqual([]);
  });

  it("is measured, each period once", async () => {
    const cluster = await kit.makeCluster("measured", "weight");
    const port = cluster.port();
    await port.apply(create("measured-v000", "one", 0));
    await kit.cloud.clock.advance({ ms: 60_000 - (kit.cloud.clock.now() % 60_000) });
    const begin = kit.cloud.clock.now();
    const cloudWatch = kit.cloud.client(CloudWatchClient);
    const put = (value: number, minutes: number, target: string) =>
      cloudWatch.send(
        new PutMetricDataCommand({
          Namespace: "Playback",
          MetricData: [
            {
              MetricName: "Errors",
              Value: value,
              Timestamp: new Date(begin + minutes * 60_000),
              Dimensions: [{ Name: "Target", Value: target }],
            },
          ],
        }),
      );
    const { TargetGroups: [own] = [] } = await kit.cloud
      .client(ElasticLoadBalancingV2Client)
      .send(new DescribeTargetGroupsCommand({ Names: [targetGroupName("measured-v000")] }));
    const dimension = own?.TargetGroupArn?.split(":").at(-1) ?? "";
    expect(dimension).toMatch(/^targetgroup\/measured-v000-/);
    await put(1, 0, dimension);
    await put(2, 0.5, dimension);
    await put(5, 2, dimension);
    await put(9, 3, dimension);
    await put(7, 2, "another");
    const query: MetricQuery = {
      kind: "metric",
      namespace: "Playback",
      metric: "Errors",
      dimensions: { Target: "${targetGroup}" },
      statistic: "Sum",
      periodSeconds: 60,
    };
    const at = (minutes: number) => begin + minutes * 60_000;
    expect(await port.series(query, "measured-v000", { from: at(0), to: at(4) })).toEqual([3, Number.NaN, 5, 9]);
    expect(await port.series(query, "measured-v000", { from: at(0.5), to: at(2.5) })).toEqual([Number.NaN]);
    expect(await port.series(query, "measured-v000", { from: at(0.2), to: at(0.8) })).toEqual([]);
    // What is under way is not whole.
    expect(await port.measure(query, "measured-v000", at(3.5))).toEqual({ kind: "value", value: 5 });
    expect(await port.measure(query, "measured-v000", at(30))).toEqual({ kind: "value", value: Number.NaN });
    const expression = {
      kind: "expression",
      expression: `SUM(SEARCH('{Playback,Target} MetricName="Errors" Target="\${targetGroup}"', 'Sum', 60))`,
      periodSeconds: 60,
    } as const;
    expect(await port.measure(expression, "measured-v000", at(3))).toEqual({ kind: "value", value: 5 });
    expect(await port.measure({ ...expression, expression: "q1 / 0" }, "measured-v000", at(3))).toMatchObject({
      kind: "error",
    });
  });
});

describe("a fleet", () => {
  it("that is not told of is missed in a sentence", async () => {
    await expect(readFleet(kit.cloud.client(SSMClient), "/trysail/fleets/none", "us-east-1")).rejects.toMatchObject({
      code: "fleet-not-found",
      fault: "user",
      message:
        "There is no parameter /trysail/fleets/none in us-east-1. It would tell how server groups are made there.",
    });
  });

  it.each([
    ["{", "What is in the parameter /trysail/fleets/wrong in us-east-1 is not JSON."],
    [
      '{"version":1,"capacity":{"min":0,"desired":"two"}}',
      "In the parameter /trysail/fleets/wrong in us-east-1, capacity.desired must be a whole number from 0.",
    ],
    [
      '{"version":1,"capacity":{"min":0,"desired":1,"max":1},"compute":{"kind":"auto-scaling","launchTemplate":{"id":"lt-1","version":"$Latest"}}}',
      'compute.launchTemplate.version must be a number or "$Default"',
    ],
  ])("with a mistake names the field: %s", async (Value, message) => {
    const ssm = kit.cloud.client(SSMClient);
    const Name = "/trysail/fleets/wrong";
    await ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }));
    await expect(readFleet(ssm, Name, "us-east-1")).rejects.toMatchObject({
      code: "invalid-fleet",
      message: expect.stringContaining(message) as string,
    });
  });
});
