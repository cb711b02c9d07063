import { PutScalingPolicyCommand } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud } from "../../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../../testing/test-cloud.test-kit.ts";
import { fleetKit } from "../autoscaling.test-kit.ts";
import type { FleetKit } from "../autoscaling.test-kit.ts";

let cloud: TestCloud;
let kit: FleetKit;
let cloudwatch: CloudWatchClient;
beforeAll(async () => {
  cloud = await startTestCloud();
  kit = fleetKit(cloud);
  cloudwatch = cloud.client(CloudWatchClient);
});
afterAll(() => cloud.stop());

const Namespace = "App";

const group = async (name: string) => {
  await kit.create(name, await kit.template("#!/bin/sh\nsleep 600"), { MinSize: 1, MaxSize: 4, DesiredCapacity: 1 });
  await kit.settled(name, 1);
};

/** Tells the same load each second, until the group is as large as is wanted. */
async function under(load: number, name: string, size: number): Promise<void> {
  for (;;) {
    const { DesiredCapacity, Instances = [] } = await kit.describe(name);
    const serving = Instances.filter(({ LifecycleState }) => LifecycleState === "InService").length;
    if (DesiredCapacity === size && serving === size && Instances.length === size) return;
    await cloudwatch.send(
      new PutMetricDataCommand({
        Namespace,
        MetricData: [{ MetricName: name, Value: load, StorageResolution: 1 }],
      }),
    );
    await cloud.clock.advance({ seconds: 1 });
  }
}

it("target tracking has as many instances as keep a metric at its target, and fewer when it has fallen", async () => {
  await group("tracked");
  await kit.client.send(
    new PutScalingPolicyCommand({
      AutoScalingGroupName: "tracked",
      PolicyName: "load",
      PolicyType: "TargetTrackingScaling",
      EstimatedInstanceWarmup: 1,
      TargetTrackingConfiguration: {
        TargetValue: 50,
        CustomizedMetricSpecification: { Namespace, MetricName: "tracked", Statistic: "Average", Period: 10 },
      },
    }),
  );
  await under(130, "tracked", 3);
  await under(10, "tracked", 1);
  const causes = (await kit.activities("tracked")).map(({ Cause = "" }) => Cause);
  expect(causes).toContainEqual(
    expect.stringMatching(/alarm TargetTracking-tracked-AlarmHigh-\S+ .*triggered policy load .*from 1 to 3/),
  );
});

it("step scaling takes the step that its alarm's metric has reached", async () => {
  await group("stepped");
  const { PolicyARN = "" } = await kit.client.send(
    new PutScalingPolicyCommand({
      AutoScalingGroupName: "stepped",
      PolicyName: "steps",
      PolicyType: "StepScaling",
      AdjustmentType: "ChangeInCapacity",
      EstimatedInstanceWarmup: 600,
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 1 },
        { MetricIntervalLowerBound: 20, ScalingAdjustment: 3 },
      ],
    }),
  );
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: "stepped",
      Namespace,
      MetricName: "stepped",
      Statistic: "Average",
      Period: 10,
      EvaluationPeriods: 1,
      Threshold: 50,
      ComparisonOperator: "GreaterThanThreshold",
      AlarmActions: [PolicyARN],
    }),
  );
  await under(60, "stepped", 2);
  await under(90, "stepped", 4);
});
