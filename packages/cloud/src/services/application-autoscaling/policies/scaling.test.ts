import {
  ApplicationAutoScalingClient,
  DescribeScalingActivitiesCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CreateServiceCommand, DescribeServicesCommand } from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud } from "../../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../../testing/test-cloud.test-kit.ts";
import { ecsKit, shell, untilAsked } from "../../ecs/ecs.test-kit.ts";
import type { Kit } from "../../ecs/ecs.test-kit.ts";

let cloud: TestCloud;
let kit: Kit;
beforeAll(async () => {
  cloud = await startTestCloud();
  kit = ecsKit(cloud);
});
afterAll(() => cloud.stop());

const scaled = {
  ServiceNamespace: "ecs",
  ResourceId: "service/default/web",
  ScalableDimension: "ecs:service:DesiredCount",
} as const;

/** Tells the same load time and again, until so many tasks run. */
async function under(load: number, tasks: number): Promise<void> {
  for (;;) {
    const { services: [service] = [] } = await kit.ecs.send(new DescribeServicesCommand({ services: ["web"] }));
    if (service?.desiredCount === tasks && service.runningCount === tasks) return;
    await cloud.client(CloudWatchClient).send(
      new PutMetricDataCommand({
        Namespace: "App",
        MetricData: [{ MetricName: "Queue", Value: load }],
      }),
    );
    await cloud.clock.advance({ seconds: 10 });
  }
}

it("a service has as many tasks as keep a metric at its target, within its bounds", async () => {
  const taskDefinition = await kit.register([shell(untilAsked)]);
  await kit.ecs.send(new CreateServiceCommand({ serviceName: "web", taskDefinition, desiredCount: 1 }));
  const scaling = cloud.client(ApplicationAutoScalingClient);
  await scaling.send(new RegisterScalableTargetCommand({ ...scaled, MinCapacity: 1, MaxCapacity: 3 }));
  await scaling.send(
    new PutScalingPolicyCommand({
      ...scaled,
      PolicyName: "queue",
      PolicyType: "TargetTrackingScaling",
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 10,
        ScaleOutCooldown: 1,
        ScaleInCooldown: 1,
        CustomizedMetricSpecification: { Namespace: "App", MetricName: "Queue", Statistic: "Average" },
      },
    }),
  );
  const { ScalingPolicies: [policy] = [] } = await scaling.send(
    new DescribeScalingPoliciesCommand({ ServiceNamespace: "ecs" }),
  );
  expect(policy?.Alarms?.map(({ AlarmName = "" }) => AlarmName.replace(/-[0-9a-f-]{36}$/, ""))).toEqual([
    "TargetTracking-service/default/web-AlarmHigh",
    "TargetTracking-service/default/web-AlarmLow",
  ]);
  // Twice the target, and then more than its bounds allow.
  await under(20, 2);
  await under(100, 3);
  await under(0, 1);
  const { ScalingActivities = [] } = await scaling.send(
    new DescribeScalingActivitiesCommand({ ServiceNamespace: "ecs" }),
  );
  expect(ScalingActivities.map(({ Description }) => Description)).toContain("Setting desired count to 3.");
});
