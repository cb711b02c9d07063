import {
  ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingActivitiesCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

const target = {
  ServiceNamespace: "ecs",
  ResourceId: "service/default/web",
  ScalableDimension: "ecs:service:DesiredCount",
} as const;

describe("Application Auto Scaling", () => {
  let cloud: TestCloud;
  let scaling: ApplicationAutoScalingClient;
  let ecs: ECSClient;
  let cloudwatch: CloudWatchClient;
  beforeEach(async () => {
    cloud = await startTestCloud();
    scaling = cloud.client(ApplicationAutoScalingClient);
    ecs = cloud.client(ECSClient);
    cloudwatch = cloud.client(CloudWatchClient);
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: "app",
        containerDefinitions: [{ name: "app", image: "busybox", command: ["sleep", "600"], memory: 64 }],
      }),
    );
    await ecs.send(new CreateServiceCommand({ serviceName: "web", taskDefinition: "app", desiredCount: 0 }));
    await scaling.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: 0, MaxCapacity: 4 }));
  });
  afterEach(() => cloud.stop());

  const desiredCount = async () => {
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ services: ["web"] }));
    return services[0]?.desiredCount;
  };

  it("carries out a scheduled action at its time: the bounds change, and the desired count where it is outside of them", async () => {
    const at = new Date(cloud.clock.now() + 3_600_000).toISOString().slice(0, 19);
    await scaling.send(
      new PutScheduledActionCommand({
        ...target,
        ScheduledActionName: "morning",
        Schedule: `at(${at})`,
        ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 2 },
      }),
    );
    expect(await desiredCount()).toBe(0);
    await cloud.clock.advance({ hours: 1 });
    await cloud.eventually(async () => (await desiredCount()) === 1);
    const { ScalableTargets } = await scaling.send(new DescribeScalableTargetsCommand({ ServiceNamespace: "ecs" }));
    expect(ScalableTargets).toMatchObject([{ MinCapacity: 1, MaxCapacity: 2 }]);
    const { ScalingActivities = [] } = await scaling.send(
      new DescribeScalingActivitiesCommand({ ServiceNamespace: "ecs" }),
    );
    expect(ScalingActivities.map(({ Description }) => Description).toSorted()).toEqual([
      "Setting desired count to 1.",
      "Setting min capacity to 1 and max capacity to 2",
    ]);
  });

  const putData = (Value: number) =>
    cloudwatch.send(
      new PutMetricDataCommand({ Namespace: "App", MetricData: [{ MetricName: "Load", Value, StorageResolution: 1 }] }),
    );
  const own = { MetricName: "Load", Namespace: "App", Statistic: "Average" } as const;

  it("keeps the alarms of a target tracking policy, and forgets both with their target", async () => {
    await scaling.send(
      new PutScalingPolicyCommand({
        ...target,
        PolicyName: "cpu",
        PolicyType: "TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 50,
          PredefinedMetricSpecification: { PredefinedMetricType: "ECSServiceAverageCPUUtilization" },
        },
      }),
    );
    await cloud.idle();
    const { ScalingPolicies = [] } = await scaling.send(
      new DescribeScalingPoliciesCommand({ ServiceNamespace: "ecs" }),
    );
    expect(ScalingPolicies[0]?.Alarms?.map(({ AlarmName }) => AlarmName?.slice(0, -37))).toEqual([
      "TargetTracking-service/default/web-AlarmHigh",
      "TargetTracking-service/default/web-AlarmLow",
    ]);
    const alarms = async () => (await cloudwatch.send(new DescribeAlarmsCommand({}))).MetricAlarms;
    expect(await alarms()).toMatchObject([
      { MetricName: "CPUUtilization", Threshold: 50, EvaluationPeriods: 3 },
      { MetricName: "CPUUtilization", Threshold: 45, EvaluationPeriods: 15 },
    ]);
    await scaling.send(new DeregisterScalableTargetCommand(target));
    await cloud.idle();
    expect(await alarms()).toEqual([]);
  });

  it("tracks a target: out when the metric is above it, in when it has been below", async () => {
    await scaling.send(
      new PutScalingPolicyCommand({
        ...target,
        PolicyName: "load",
        PolicyType: "TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 50,
          CustomizedMetricSpecification: own,
          ScaleInCooldown: 60,
          ScaleOutCooldown: 60,
        },
      }),
    );
    await cloud.idle();
    // Periods are whole minutes.
    await cloud.clock.advance({ ms: 60_000 - (cloud.clock.now() % 60_000) });
    for (let period = 0; period < 3; period++) {
      await putData(130);
      if (period < 2) await cloud.clock.advance({ minutes: 1 });
    }
    await cloud.eventually(async () => (await desiredCount()) === 3);
    // It has not helped: once more, as far as the target's bounds let it.
    await cloud.clock.advance({ minutes: 1 });
    expect(await desiredCount()).toBe(4);
    for (let period = 0; period < 15; period++) {
      await cloud.clock.advance({ minutes: 1 });
      await putData(20);
    }
    await cloud.eventually(async () => (await desiredCount()) === 2);
    const { ScalingActivities = [] } = await scaling.send(
      new DescribeScalingActivitiesCommand({ ServiceNamespace: "ecs" }),
    );
    expect(ScalingActivities.at(-1)?.Cause).toMatch(
      /^monitor alarm TargetTracking-service\/default\/web-AlarmHigh-.* in state ALARM triggered policy load$/,
    );
  });

  it("takes the step that an alarm's metric has reached", async () => {
    const { PolicyARN = "" } = await scaling.send(
      new PutScalingPolicyCommand({
        ...target,
        PolicyName: "steps",
        PolicyType: "StepScaling",
        StepScalingPolicyConfiguration: {
          AdjustmentType: "ChangeInCapacity",
          Cooldown: 60,
          StepAdjustments: [
            { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 1 },
            { MetricIntervalLowerBound: 20, ScalingAdjustment: 3 },
          ],
        },
      }),
    );
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        ...own,
        AlarmName: "load",
        Period: 10,
        EvaluationPeriods: 1,
        Threshold: 50,
        ComparisonOperator: "GreaterThanThreshold",
        AlarmActions: [PolicyARN],
      }),
    );
    await putData(60);
    await cloud.eventually(async () => (await desiredCount()) === 1);
    await cloud.clock.advance({ seconds: 10 });
    await putData(90);
    await cloud.clock.advance({ seconds: 12 });
    // Within the cooldown the larger step is taken from where it was before.
    expect(await desiredCount()).toBe(3);
  });

  it("refuses what is not there, and what it does not scale", async () => {
    const bounds = { MinCapacity: 0, MaxCapacity: 1 };
    await expect(
      scaling.send(new RegisterScalableTargetCommand({ ...target, ResourceId: "service/default/none", ...bounds })),
    ).rejects.toMatchObject({
      name: "ValidationException",
      message: "ECS service doesn't exist: service/default/none",
    });
    await expect(
      scaling.send(new RegisterScalableTargetCommand({ ...target, ServiceNamespace: "dynamodb", ...bounds })),
    ).rejects.toMatchObject({ name: "ValidationException" });
    await expect(
      scaling.send(new PutScheduledActionCommand({ ...target, ScheduledActionName: "x", Schedule: "cron(bad)" })),
    ).rejects.toMatchObject({ name: "ValidationException", message: "Invalid schedule expression: cron(bad)" });
  });
});
