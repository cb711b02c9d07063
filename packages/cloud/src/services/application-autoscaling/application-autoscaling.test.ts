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
  beforeEach(async () => {
    cloud = await startTestCloud();
    scaling = cloud.client(ApplicationAutoScalingClient);
    ecs = cloud.client(ECSClient);
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

  it("stores scaling policies, and forgets them with their target", async () => {
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
    const policies = async () =>
      (await scaling.send(new DescribeScalingPoliciesCommand({ ServiceNamespace: "ecs" }))).ScalingPolicies;
    expect(await policies()).toMatchObject([{ PolicyName: "cpu", Alarms: [] }]);
    await scaling.send(new DeregisterScalableTargetCommand(target));
    expect(await policies()).toEqual([]);
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
