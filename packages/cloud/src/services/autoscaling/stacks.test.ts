import { DescribeStackEventsCommand, SignalResourceCommand } from "@aws-sdk/client-cloudformation";
import { DescribePoliciesCommand, DescribeScheduledActionsCommand } from "@aws-sdk/client-auto-scaling";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { stackKit } from "../cloudformation/stack.test-kit.ts";
import type { StackKit } from "../cloudformation/stack.test-kit.ts";
import { fleetKit } from "./autoscaling.test-kit.ts";
import type { FleetKit } from "./autoscaling.test-kit.ts";

let cloud: TestCloud;
let kit: FleetKit;
let stacks: StackKit;
let subnets: string[];
let template: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  kit = fleetKit(cloud);
  stacks = stackKit(cloud);
  subnets = await kit.subnets();
  template = await kit.template();
  await kit.version(template, { InstanceType: "t3.small" });
  await kit.version(template, { ImageId: "ami-0123456789abcdef0" });
});
afterAll(() => cloud.stop());

/** As the CDK writes it: numbers as texts, and the policy that it adds by itself. */
const group = (version: number | string, properties: object = {}, policies: object = {}) => ({
  Type: "AWS::AutoScaling::AutoScalingGroup",
  Properties: {
    MinSize: "1",
    MaxSize: "4",
    LaunchTemplate: { LaunchTemplateId: template, Version: String(version) },
    VPCZoneIdentifier: subnets,
    Tags: [{ Key: "Name", Value: "Stack/ASG", PropagateAtLaunch: true }],
    ...properties,
  },
  UpdatePolicy: { AutoScalingScheduledAction: { IgnoreUnmodifiedGroupSizeProperties: true } },
  ...policies,
});
const rolling = (policy: object) => ({ UpdatePolicy: { AutoScalingRollingUpdate: policy } });
const typesOf = async (name: string | undefined) =>
  (await kit.describe(name ?? "")).Instances?.map(({ InstanceType }) => InstanceType);
const reasonsOf = async (StackName: string) => {
  const { StackEvents = [] } = await stacks.client.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.flatMap(({ ResourceStatusReason: reason }) => reason ?? []).toReversed();
};

describe("a group in a stack", () => {
  it("is there with its instances, changes, and goes with all that belongs to it", async () => {
    const Group = group(1, { MinSize: "2" });
    const parts = {
      Policy: {
        Type: "AWS::AutoScaling::ScalingPolicy",
        Properties: {
          AutoScalingGroupName: { Ref: "Group" },
          PolicyType: "TargetTrackingScaling",
          TargetTrackingConfiguration: {
            PredefinedMetricSpecification: { PredefinedMetricType: "ASGAverageCPUUtilization" },
            TargetValue: "60",
          },
        },
      },
      Action: {
        Type: "AWS::AutoScaling::ScheduledAction",
        Properties: { AutoScalingGroupName: { Ref: "Group" }, Recurrence: "0 8 * * *", MinSize: 3 },
      },
      Hook: {
        Type: "AWS::AutoScaling::LifecycleHook",
        Properties: {
          AutoScalingGroupName: { Ref: "Group" },
          LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
          HeartbeatTimeout: "30",
          DefaultResult: "CONTINUE",
        },
      },
    };
    const made = await stacks.deploy({ Resources: { Group, ...parts } }, { name: "whole" });
    expect(made).toMatchObject({ status: "CREATE_COMPLETE", reasons: [] });
    const name = made.resources["Group"] ?? "";
    const instances = await kit.settled(name, 2);
    expect((await kit.instance(instances[0]?.InstanceId ?? "")).tags).toMatchObject({
      Name: "Stack/ASG",
      "aws:cloudformation:logical-id": "Group",
      "aws:autoscaling:groupName": name,
    });
    const AutoScalingGroupName = name;
    const { ScalingPolicies } = await kit.client.send(new DescribePoliciesCommand({ AutoScalingGroupName }));
    expect(ScalingPolicies).toMatchObject([{ TargetTrackingConfiguration: { TargetValue: 60 } }]);
    const { ScheduledUpdateGroupActions } = await kit.client.send(
      new DescribeScheduledActionsCommand({ AutoScalingGroupName }),
    );
    expect(ScheduledUpdateGroupActions).toMatchObject([{ MinSize: 3, Recurrence: "0 8 * * *" }]);

    const changed = await stacks.deploy(
      { Resources: { Group: group(1, { MinSize: "3", Cooldown: "60" }) } },
      { name: "whole" },
    );
    expect(changed).toMatchObject({ status: "UPDATE_COMPLETE", resources: { Group: name } });
    await kit.settled(name, 3);
    expect(await kit.describe(name)).toMatchObject({ MinSize: 3, DefaultCooldown: 60 });
    expect(await stacks.remove("whole")).toBe("DELETE_COMPLETE");
    expect(await kit.describe(name)).toBeUndefined();
  });

  it("is measured as its template says", async () => {
    const deploy = (...Metrics: string[]) =>
      stacks.deploy(
        { Resources: { Group: group(1, { MinSize: "0", MetricsCollection: [{ Granularity: "1Minute", Metrics }] }) } },
        { name: "measured" },
      );
    const { resources } = await deploy("GroupMinSize", "GroupMaxSize");
    const enabled = async () => (await kit.describe(resources["Group"] ?? "")).EnabledMetrics?.map((one) => one.Metric);
    expect(await enabled()).toEqual(["GroupMinSize", "GroupMaxSize"]);
    expect(await deploy("GroupMaxSize")).toMatchObject({ status: "UPDATE_COMPLETE", resources });
    expect(await enabled()).toEqual(["GroupMaxSize"]);
  });

  it("fails with the reason for which nothing can be launched, and leaves nothing behind", async () => {
    const failing = stacks.deploy({ Resources: { Group: group(3) } }, { name: "fails" });
    const state = { done: false };
    const ended = failing.finally(() => (state.done = true));
    while (!state.done) {
      await cloud.clock.advance({ seconds: 5 });
      await new Promise(setImmediate);
    }
    const { status, reasons } = await ended;
    expect(status).toBe("ROLLBACK_COMPLETE");
    expect(reasons[1] ?? reasons[0]).toContain(
      "Group did not stabilize. {current/minSize/maxSize group size = 0/1/4}. Failed Scaling Activity: The image id '[ami-0123456789abcdef0]' does not exist. Launching EC2 instance failed.",
    );
  });

  it("replaces its instances batch by batch where its policy says so", async () => {
    const policy = rolling({ MaxBatchSize: 1, MinInstancesInService: 2 });
    const deploy = (version: number) =>
      stacks.deploy({ Resources: { Group: group(version, { MinSize: "2" }, policy) } }, { name: "rolls" });
    const { resources } = await deploy(1);
    expect(await typesOf(resources["Group"])).toEqual(["t3.micro", "t3.micro"]);
    expect(await deploy(2)).toMatchObject({ status: "UPDATE_COMPLETE", resources });
    await kit.settled(resources["Group"] ?? "", 2);
    expect(await typesOf(resources["Group"])).toEqual(["t3.small", "t3.small"]);
    expect(await kit.describe(resources["Group"] ?? "")).toMatchObject({ MinSize: 2, DesiredCapacity: 2 });
    expect((await reasonsOf("rolls")).map((reason) => reason.replace(/i-[0-9a-f]+/, "i-1"))).toEqual(
      expect.arrayContaining([
        "Rolling update initiated. Terminating 2 obsolete instance(s) in batches of 1, while keeping at least 2 instance(s) in service.",
        "Temporarily setting autoscaling group MinSize and DesiredCapacity to 3.",
        "Terminating instance(s) [i-1]; replacing with 1 new instance(s).",
      ]),
    );
  });

  it("waits for the signals of its instances, and goes back where they do not come", async () => {
    const signals = {
      CreationPolicy: { ResourceSignal: { Count: 1, Timeout: "PT5M" } },
      ...rolling({ WaitOnResourceSignals: true, PauseTime: "PT5M", MinInstancesInService: 1 }),
    };
    const deploy = (version: number) =>
      stacks.deploy({ Resources: { Group: group(version, {}, signals) } }, { name: "signals" });
    const signalled = new Set<string>();
    /** As `cfn-signal` does on each instance of a type, until the deployment has ended. */
    const signalling = async <T>(type: string, deployment: Promise<T>): Promise<T> => {
      const state = { done: false };
      const ended = deployment.finally(() => (state.done = true));
      while (!state.done) {
        for (const { InstanceId = "", InstanceType } of await instancesOf()) {
          if (InstanceType !== type || signalled.has(InstanceId)) continue;
          const signal = {
            StackName: "signals",
            LogicalResourceId: "Group",
            UniqueId: InstanceId,
            Status: "SUCCESS",
          } as const;
          await stacks.client.send(new SignalResourceCommand(signal)).then(
            () => signalled.add(InstanceId),
            () => {},
          );
        }
        await cloud.clock.advance({ seconds: 1 });
        await new Promise(setImmediate);
      }
      return ended;
    };
    let name = "";
    const instancesOf = async () => {
      const events = await stacks.client
        .send(new DescribeStackEventsCommand({ StackName: "signals" }))
        .catch(() => undefined);
      name ||=
        events?.StackEvents?.find(
          ({ LogicalResourceId, PhysicalResourceId }) => LogicalResourceId === "Group" && PhysicalResourceId !== "",
        )?.PhysicalResourceId ?? "";
      return name === "" ? [] : ((await kit.describe(name)).Instances ?? []);
    };
    expect(await signalling("t3.micro", deploy(1))).toMatchObject({ status: "CREATE_COMPLETE" });
    // Nobody signals for the new ones: the old ones come back, and theirs do.
    const failed = await signalling("t3.micro", deploy(2));
    expect(failed).toMatchObject({ status: "UPDATE_ROLLBACK_COMPLETE" });
    expect(failed.reasons).toContain(
      "Group: Received 0 SUCCESS signal(s) out of 1.  Unable to satisfy 100% MinSuccessfulInstancesPercent requirement",
    );
    await cloud.eventually(async () => (await typesOf(name))?.every((type) => type === "t3.micro"));
  });

  it("is replaced as a whole where its policy says so", async () => {
    const policy = { UpdatePolicy: { AutoScalingReplacingUpdate: { WillReplace: true } } };
    const deploy = (version: number) =>
      stacks.deploy({ Resources: { Group: group(version, {}, policy) } }, { name: "replaced" });
    const { resources: before } = await deploy(1);
    const { resources: after, status } = await deploy(2);
    expect(status).toBe("UPDATE_COMPLETE");
    expect(after["Group"]).not.toBe(before["Group"]);
    expect(await typesOf(after["Group"])).toEqual(["t3.small"]);
    expect(await kit.describe(before["Group"] ?? "")).toBeUndefined();
  });
});
