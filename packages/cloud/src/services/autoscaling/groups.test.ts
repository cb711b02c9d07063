import {
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeScalingActivitiesCommand,
  DetachInstancesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  AttachInstancesCommand,
  SetDesiredCapacityCommand,
  SetInstanceHealthCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  ResumeProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
  DescribeMetricCollectionTypesCommand,
  DisableMetricsCollectionCommand,
  EnableMetricsCollectionCommand,
} from "@aws-sdk/client-auto-scaling";
import { StopInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measured } from "../../testing/metrics.test-kit.ts";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { fleetKit } from "./autoscaling.test-kit.ts";
import type { FleetKit } from "./autoscaling.test-kit.ts";

let cloud: TestCloud;
let kit: FleetKit;
let template: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  kit = fleetKit(cloud);
  template = await kit.template();
});
afterAll(() => cloud.stop());

const idsOf = (instances: readonly { InstanceId?: string | undefined }[]) =>
  instances.map(({ InstanceId = "" }) => InstanceId).toSorted();
const time = "At \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";

describe("a group", () => {
  it("launches its instances in all zones, with its tags, and tells of it in AWS's words", async () => {
    await kit.create("launches", template, {
      MinSize: 1,
      DesiredCapacity: 3,
      Tags: [
        { Key: "team", Value: "web", PropagateAtLaunch: true },
        { Key: "cost", Value: "1", PropagateAtLaunch: false },
      ],
    });
    const instances = await kit.settled("launches", 3);
    expect(instances.map(({ AvailabilityZone }) => AvailabilityZone).toSorted()).toEqual([
      "us-east-1a",
      "us-east-1b",
      "us-east-1c",
    ]);
    expect(instances[0]).toMatchObject({
      HealthStatus: "Healthy",
      InstanceType: "t3.micro",
      LaunchTemplate: { LaunchTemplateId: template, Version: "1" },
      ProtectedFromScaleIn: false,
    });
    const [id = ""] = idsOf(instances);
    const { tags, state } = await kit.instance(id);
    expect(state).toBe("running");
    expect(tags).toEqual({ team: "web", "aws:autoscaling:groupName": "launches" });
    const [activity] = (await kit.activities("launches")).filter(({ Description }) => Description?.endsWith(id));
    expect(activity).toMatchObject({
      Description: `Launching a new EC2 instance: ${id}`,
      StatusCode: "Successful",
      Progress: 100,
      Cause: expect.stringMatching(
        `^${time} a user request created an AutoScalingGroup changing the desired capacity from 0 to 3\\.  ${time} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 3\\.$`,
      ) as string,
    });
    expect(JSON.parse(activity?.Details ?? "")).toHaveProperty("Subnet ID");
    const { AutoScalingInstances = [] } = await kit.client.send(
      new DescribeAutoScalingInstancesCommand({ InstanceIds: [id] }),
    );
    expect(AutoScalingInstances).toMatchObject([
      { InstanceId: id, AutoScalingGroupName: "launches", LifecycleState: "InService", HealthStatus: "HEALTHY" },
    ]);
  });

  it("replaces an instance that is terminated outside", async () => {
    await kit.create("heals", template, { DesiredCapacity: 2 });
    const before = idsOf(await kit.settled("heals", 2));
    await kit.ec2.send(new TerminateInstancesCommand({ InstanceIds: [before[0] ?? ""] }));
    await cloud.eventually(async () => {
      const now = idsOf((await kit.describe("heals")).Instances ?? []);
      return now.length === 2 && !now.includes(before[0] ?? "");
    });
    await kit.settled("heals", 2);
    const causes = (await kit.activities("heals")).slice(0, 2).map(({ Cause = "" }) => Cause.slice(24));
    expect(causes.toSorted()).toEqual([
      "an instance was launched in response to an unhealthy instance needing to be replaced.",
      "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.",
    ]);
  });

  it("terminates and replaces one that is stopped", async () => {
    await kit.create("stopped", template, { DesiredCapacity: 1 });
    const [id = ""] = idsOf(await kit.settled("stopped", 1));
    await kit.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    await cloud.eventually(async () => !idsOf((await kit.describe("stopped")).Instances ?? []).includes(id));
    expect((await kit.instance(id)).state).toBe("terminated");
    await kit.settled("stopped", 1);
  });

  it("follows its desired capacity up and down, within its limits", async () => {
    await kit.create("scales", template, { MinSize: 1, MaxSize: 3, DesiredCapacity: 1 });
    await kit.settled("scales", 1);
    const set = (DesiredCapacity: number) =>
      kit.client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: "scales", DesiredCapacity }));
    await set(3);
    const [protectedId = ""] = idsOf(await kit.settled("scales", 3));
    await kit.client.send(
      new SetInstanceProtectionCommand({
        AutoScalingGroupName: "scales",
        InstanceIds: [protectedId],
        ProtectedFromScaleIn: true,
      }),
    );
    await set(1);
    expect(idsOf(await kit.settled("scales", 1))).toEqual([protectedId]);
    const { Description = "", Cause } = (await kit.activities("scales"))[0] ?? {};
    const id = /^Terminating EC2 instance: (?<id>i-[0-9a-f]+)$/.exec(Description)?.groups?.["id"];
    expect(Cause).toMatch(
      new RegExp(
        `^(${time} a user request explicitly set group desired capacity changing the desired capacity from 3 to 1\\.  )${time} an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 3 to 1\\.  ${time} instance ${id} was selected for termination\\.$`,
      ),
    );
    await expect(set(4)).rejects.toMatchObject({
      name: "ValidationError",
      message: "New SetDesiredCapacity value 4 is above max value 3 for the AutoScalingGroup.",
    });
    await kit.client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: "scales", MinSize: 2 }));
    await kit.settled("scales", 2);
    expect((await kit.activities("scales"))[0]?.Cause).toMatch(
      / a user request update of AutoScalingGroup constraints to min: 2, max: 3, desired: 2 changing the desired capacity from 1 to 2\. {2}/,
    );
  });

  it("is measured where that is asked for, and as it changes", async () => {
    const AutoScalingGroupName = "measured";
    await kit.create(AutoScalingGroupName, await kit.template(), { MinSize: 0, MaxSize: 2, DesiredCapacity: 1 });
    await kit.settled(AutoScalingGroupName, 1);
    await kit.client.send(
      new EnableMetricsCollectionCommand({
        AutoScalingGroupName,
        Granularity: "1Minute",
        Metrics: ["GroupMaxSize", "GroupInServiceInstances"],
      }),
    );
    const most = (name: string) => measured(cloud, `AWS/AutoScaling/${name}`, { AutoScalingGroupName }, "Maximum");
    await cloud.eventually(async () => (await most("GroupInServiceInstances")) === 1);
    expect(await most("GroupMaxSize")).toBe(2);
    expect(await most("GroupMinSize")).toBeUndefined();
    await kit.client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 2 }));
    await cloud.eventually(async () => (await most("GroupInServiceInstances")) === 2);
  });

  it("is measured each minute where nothing changes, until that is no longer asked for", async () => {
    const AutoScalingGroupName = "still";
    await kit.create(AutoScalingGroupName, await kit.template(), { MinSize: 0, MaxSize: 2, DesiredCapacity: 0 });
    const Metrics = ["GroupMinSize", "GroupMaxSize"];
    await kit.client.send(
      new EnableMetricsCollectionCommand({ AutoScalingGroupName, Granularity: "1Minute", Metrics }),
    );
    const granular = (names: readonly string[]) => names.map((Metric) => ({ Metric, Granularity: "1Minute" }));
    expect((await kit.describe(AutoScalingGroupName)).EnabledMetrics).toEqual(granular(Metrics));
    const samples = (name: string) =>
      measured(cloud, `AWS/AutoScaling/${name}`, { AutoScalingGroupName }, "SampleCount");
    const told = await cloud.eventually(() => samples("GroupMinSize"));
    await cloud.clock.advance({ minutes: 5 });
    expect(await samples("GroupMinSize")).toBe(told + 5);
    await kit.client.send(new DisableMetricsCollectionCommand({ AutoScalingGroupName, Metrics: ["GroupMinSize"] }));
    expect((await kit.describe(AutoScalingGroupName)).EnabledMetrics).toEqual(granular(["GroupMaxSize"]));
    await cloud.clock.advance({ minutes: 5 });
    expect(await samples("GroupMinSize")).toBe(told + 5);
    expect(await samples("GroupMaxSize")).toBeGreaterThanOrEqual(told + 10);
    await expect(
      kit.client.send(
        new EnableMetricsCollectionCommand({ AutoScalingGroupName, Granularity: "1Minute", Metrics: ["Load"] }),
      ),
    ).rejects.toMatchObject({ name: "ValidationError" });
    const types = await kit.client.send(new DescribeMetricCollectionTypesCommand({}));
    expect(types.Granularities).toEqual([{ Granularity: "1Minute" }]);
    expect(types.Metrics).toContainEqual({ Metric: "GroupTerminatingInstances" });
  });

  it("replaces or gives up an instance that it is told to terminate", async () => {
    await kit.create("ends", template, { MinSize: 1, DesiredCapacity: 2 });
    const [one = "", two = ""] = idsOf(await kit.settled("ends", 2));
    const end = (InstanceId: string, ShouldDecrementDesiredCapacity: boolean) =>
      kit.client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }));
    const { Activity } = await end(one, true);
    expect(Activity?.Cause).toMatch(
      new RegExp(
        `^${time} instance ${one} was taken out of service in response to a user request, shrinking the capacity from 2 to 1\\.$`,
      ),
    );
    expect(idsOf(await kit.settled("ends", 1))).toEqual([two]);
    await expect(end(two, true)).rejects.toMatchObject({ name: "ValidationError" });
    await end(two, false);
    await cloud.eventually(async () => !idsOf((await kit.describe("ends")).Instances ?? []).includes(two));
    await kit.settled("ends", 1);
  });

  it("takes an instance out for a while, and back in", async () => {
    await kit.create("stands-by", template, { MinSize: 0, MaxSize: 1, DesiredCapacity: 1 });
    const [id = ""] = idsOf(await kit.settled("stands-by", 1));
    const which = { AutoScalingGroupName: "stands-by", InstanceIds: [id] };
    await kit.client.send(new EnterStandbyCommand({ ...which, ShouldDecrementDesiredCapacity: true }));
    await cloud.eventually(async () => (await kit.describe("stands-by")).Instances?.[0]?.LifecycleState === "Standby");
    expect((await kit.describe("stands-by")).DesiredCapacity).toBe(0);
    await kit.client.send(new ExitStandbyCommand(which));
    expect(idsOf(await kit.settled("stands-by", 1))).toEqual([id]);
    expect((await kit.activities("stands-by")).map(({ Description }) => Description)).toEqual([
      `Moving EC2 instance out of Standby: ${id}`,
      `Moving EC2 instance to Standby: ${id}`,
      `Launching a new EC2 instance: ${id}`,
    ]);
  });

  it("lets instances go, and takes them in", async () => {
    await kit.create("lets-go", template, { DesiredCapacity: 1 });
    const [id = ""] = idsOf(await kit.settled("lets-go", 1));
    const which = { AutoScalingGroupName: "lets-go", InstanceIds: [id] };
    await kit.client.send(new DetachInstancesCommand({ ...which, ShouldDecrementDesiredCapacity: true }));
    await kit.settled("lets-go", 0);
    expect((await kit.instance(id)).state).toBe("running");
    await kit.client.send(new AttachInstancesCommand(which));
    expect(idsOf(await kit.settled("lets-go", 1))).toEqual([id]);
    await expect(kit.client.send(new AttachInstancesCommand(which))).rejects.toMatchObject({ name: "ValidationError" });
  });

  it("leaves undone what is suspended, and does it when it is resumed", async () => {
    await kit.create("suspended", template, { DesiredCapacity: 1 });
    const [id = ""] = idsOf(await kit.settled("suspended", 1));
    const AutoScalingGroupName = "suspended";
    await kit.client.send(
      new SuspendProcessesCommand({ AutoScalingGroupName, ScalingProcesses: ["ReplaceUnhealthy"] }),
    );
    await kit.client.send(new SetInstanceHealthCommand({ InstanceId: id, HealthStatus: "Unhealthy" }));
    await cloud.idle();
    expect(await kit.describe(AutoScalingGroupName)).toMatchObject({
      Instances: [{ InstanceId: id, HealthStatus: "Unhealthy", LifecycleState: "InService" }],
      SuspendedProcesses: [{ ProcessName: "ReplaceUnhealthy" }],
    });
    await kit.client.send(new ResumeProcessesCommand({ AutoScalingGroupName }));
    await cloud.eventually(async () => !idsOf((await kit.describe(AutoScalingGroupName)).Instances ?? []).includes(id));
    await kit.settled(AutoScalingGroupName, 1);
  });

  it("shows why nothing can be launched, and waits longer and longer before it tries again", async () => {
    const broken = await kit.template();
    await kit.version(broken, { ImageId: "ami-0123456789abcdef0" });
    await kit.create("fails", broken, { DesiredCapacity: 1 });
    const failures = async () => (await kit.activities("fails")).filter(({ StatusCode }) => StatusCode === "Failed");
    const [first] = await cloud.eventually(async () => {
      const failed = await failures();
      return failed.length === 3 && failed;
    });
    expect(first).toMatchObject({
      StatusMessage: "The image id '[ami-0123456789abcdef0]' does not exist. Launching EC2 instance failed.",
      Description:
        "Launching a new EC2 instance.  Status Reason: The image id '[ami-0123456789abcdef0]' does not exist. Launching EC2 instance failed.",
    });
    await cloud.clock.advance({ minutes: 10 });
    const count = (await failures()).length;
    expect(count).toBeGreaterThan(15);
    expect(count).toBeLessThan(45);
    await kit.client.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName: "fails",
        LaunchTemplate: { LaunchTemplateId: broken, Version: "1" },
      }),
    );
    await kit.settled("fails", 1);
  });

  it("is deleted when it is empty, or by force with all that it has", async () => {
    await kit.create("deleted", template, { DesiredCapacity: 2 });
    const ids = idsOf(await kit.settled("deleted", 2));
    const remove = (ForceDelete?: boolean) =>
      kit.client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: "deleted", ForceDelete }));
    await expect(remove()).rejects.toMatchObject({
      name: "ResourceInUseFault",
      message:
        "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
    });
    await remove(true);
    await cloud.eventually(async () => (await kit.describe("deleted")) === undefined);
    for (const id of ids) expect((await kit.instance(id)).state).toBe("terminated");
    const list = (IncludeDeletedGroups: boolean) =>
      kit.client.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: "deleted", IncludeDeletedGroups }));
    await expect(list(false)).rejects.toMatchObject({ name: "ValidationError" });
    expect((await list(true)).Activities).toHaveLength(4);
  });

  it("goes on after a crash where it was, and launches nothing twice", async () => {
    await kit.create("crashes", template, { DesiredCapacity: 3 });
    await cloud.restart();
    kit = fleetKit(cloud);
    const ids = idsOf(await kit.settled("crashes", 3));
    const { AutoScalingInstances = [] } = await kit.client.send(new DescribeAutoScalingInstancesCommand({}));
    const mine = AutoScalingInstances.filter(({ AutoScalingGroupName }) => AutoScalingGroupName === "crashes");
    expect(idsOf(mine)).toEqual(ids);
    expect(await kit.activities("crashes")).toHaveLength(3);
  });
});

describe("what is wrong with a group", () => {
  it.each([
    [{ LaunchTemplate: undefined }, "ValidationError", /^Valid requests must contain either LaunchTemplate/],
    [
      { LaunchTemplate: { LaunchTemplateName: "none" } },
      "ValidationError",
      "The specified launch template, with template name none, does not exist.",
    ],
    [{ MaxSize: 1, MinSize: 2 }, "ValidationError", "Max bound, 1, must be greater than or equal to min bound, 2"],
    [
      { DesiredCapacity: 11 },
      "ValidationError",
      "Desired capacity:11 must be between the specified min size:0 and max size:10",
    ],
    [{ VPCZoneIdentifier: undefined }, "ValidationError", "At least one Availability Zone or VPC Subnet is required."],
    [
      { VPCZoneIdentifier: "subnet-0123456789abcdef0" },
      "ValidationError",
      /subnet ID 'subnet-0123456789abcdef0' does not exist/,
    ],
    [
      { TargetGroupARNs: ["arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/no/0123456789abcdef"] },
      "ValidationError",
      /^Provided Target Groups may not be valid/,
    ],
    [
      { TerminationPolicies: ["arn:aws:lambda:us-east-1:000000000000:function:choose"] },
      "NotImplemented",
      /^Trysail does not implement the termination policy/,
    ],
    [{ PlacementGroup: "group" }, "NotImplemented", /PlacementGroup/],
  ] as const)("is told: %j", async (input, name, message) => {
    await expect(kit.create("wrong", template, input as never)).rejects.toMatchObject({
      name,
      message: typeof message === "string" ? message : (expect.stringMatching(message) as string),
    });
  });

  it("is told of names that are taken, and of groups that are not there", async () => {
    await kit.create("taken", template);
    await expect(kit.create("taken", template)).rejects.toMatchObject({ name: "AlreadyExistsFault" });
    await expect(
      kit.client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: "none", DesiredCapacity: 1 })),
    ).rejects.toMatchObject({
      name: "ValidationError",
      message: "AutoScalingGroup name not found - AutoScalingGroup none not found",
    });
    const { AutoScalingGroups } = await kit.client.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ["none"] }),
    );
    expect(AutoScalingGroups).toEqual([]);
  });
});
