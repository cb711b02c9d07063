import {
  AttachLoadBalancerTargetGroupsCommand,
  CancelInstanceRefreshCommand,
  CompleteLifecycleActionCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLoadBalancerTargetGroupsCommand,
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
  DetachLoadBalancerTargetGroupsCommand,
  ExecutePolicyCommand,
  PutLifecycleHookCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
  RecordLifecycleActionHeartbeatCommand,
  RollbackInstanceRefreshCommand,
  SetDesiredCapacityCommand,
  StartInstanceRefreshCommand,
} from "@aws-sdk/client-auto-scaling";
import type { InstanceRefresh, StartInstanceRefreshCommandInput } from "@aws-sdk/client-auto-scaling";
import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { fleetKit } from "./autoscaling.test-kit.ts";
import type { FleetKit } from "./autoscaling.test-kit.ts";

let cloud: TestCloud;
let kit: FleetKit;
let elb: ElasticLoadBalancingV2Client;
let template: string;

/** Answers with the version that it is of, after a while where it is asked to. */
const server = (version: string) => `#!/bin/sh
exec node -e 'require("http").createServer((request, answer) => setTimeout(() => answer.end("${version}"), request.url === "/slow" ? 200 : 0)).listen(process.env.PORT)'
`;

beforeAll(async () => {
  cloud = await startTestCloud();
  kit = fleetKit(cloud);
  elb = cloud.client(ElasticLoadBalancingV2Client);
  template = await kit.template(server("one"));
  // Its health checks take their time, in which the other tests run.
  const { arn } = await balance("sick");
  const sick = await kit.template("#!/bin/sh\nexec sleep 1000000\n");
  await kit.create("sick", sick, { DesiredCapacity: 1, TargetGroupARNs: [arn], HealthCheckType: "ELB" });
});
afterAll(() => cloud.stop());

const idsOf = (instances: readonly { InstanceId?: string | undefined }[] = []) =>
  instances.map(({ InstanceId = "" }) => InstanceId).toSorted();

/** A load balancer with one target group. */
async function balance(name: string): Promise<{ readonly arn: string; readonly url: string }> {
  const { LoadBalancers = [] } = await elb.send(
    new CreateLoadBalancerCommand({ Name: name, Subnets: await kit.subnets() }),
  );
  const [balancer] = LoadBalancers;
  const { TargetGroups = [] } = await elb.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: "HTTP",
      Port: 8080,
      VpcId: balancer?.VpcId,
      HealthCheckIntervalSeconds: 5,
      HealthyThresholdCount: 2,
    }),
  );
  const arn = TargetGroups[0]?.TargetGroupArn ?? "";
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer?.LoadBalancerArn,
      Protocol: "HTTP",
      Port: 8080,
      DefaultActions: [{ Type: "forward", TargetGroupArn: arn }],
    }),
  );
  return { arn, url: `http://${balancer?.DNSName?.replace(/:\d+$/, "")}:8080` };
}

async function healthOf(arn: string): Promise<Record<string, string>> {
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
  return Object.fromEntries(
    TargetHealthDescriptions.map(({ Target, TargetHealth }) => [Target?.Id ?? "", TargetHealth?.State ?? ""]),
  );
}

const serving = (arn: string, count: number) =>
  cloud.eventually(async () => {
    const states = Object.values(await healthOf(arn));
    return states.length === count && states.every((state) => state === "healthy");
  });

/** Asks again and again until told to stop. @returns what was answered */
function load(url: string): () => Promise<string[]> {
  const state = { stopped: false };
  const answers: string[] = [];
  const client = async () => {
    while (!state.stopped) {
      try {
        const response = await fetch(url);
        answers.push(`${response.status} ${await response.text()}`);
      } catch (error) {
        answers.push(String(error));
      }
    }
  };
  const clients = Array.from({ length: 4 }, client);
  return async () => {
    state.stopped = true;
    await Promise.all(clients);
    return [...new Set(answers)];
  };
}

describe("a group behind a load balancer", () => {
  it("serves, heals and shrinks with no failed request", async () => {
    const { arn, url } = await balance("web");
    await kit.create("web", template, { DesiredCapacity: 2, TargetGroupARNs: [arn], HealthCheckType: "ELB" });
    const [victim = ""] = idsOf(await kit.settled("web", 2));
    await serving(arn, 2);
    const { tags } = await kit.instance(victim);
    expect(tags["trysail:port"]).toBe("8080");

    const stop = load(`${url}/slow`);
    await kit.ec2.send(new TerminateInstancesCommand({ InstanceIds: [victim] }));
    await cloud.eventually(async () => !Object.hasOwn(await healthOf(arn), victim));
    await serving(arn, 2);
    await kit.client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: "web", DesiredCapacity: 1 }));
    await kit.settled("web", 1);
    await serving(arn, 1);
    expect(await stop()).toEqual(["200 one"]);
  });

  it("enters and leaves target groups", async () => {
    const { arn } = await balance("moves");
    await kit.create("moves", template, { DesiredCapacity: 1 });
    await kit.settled("moves", 1);
    const which = { AutoScalingGroupName: "moves", TargetGroupARNs: [arn] };
    const states = async () => {
      const { LoadBalancerTargetGroups = [] } = await kit.client.send(
        new DescribeLoadBalancerTargetGroupsCommand({ AutoScalingGroupName: "moves" }),
      );
      return LoadBalancerTargetGroups.map(({ State }) => State);
    };
    await kit.client.send(new AttachLoadBalancerTargetGroupsCommand(which));
    await cloud.eventually(async () => (await states())[0] === "InService");
    await kit.client.send(new DetachLoadBalancerTargetGroupsCommand(which));
    await cloud.eventually(async () => (await states()).length === 0);
    expect(await healthOf(arn)).toEqual({});
  });
});

describe("lifecycle hooks", () => {
  it("hold an instance until they are completed, and give up what is abandoned", async () => {
    const AutoScalingGroupName = "hooked";
    await kit.create(AutoScalingGroupName, template);
    const hook = (LifecycleHookName: string, LifecycleTransition: string) =>
      kit.client.send(
        new PutLifecycleHookCommand({
          AutoScalingGroupName,
          LifecycleHookName,
          LifecycleTransition,
          HeartbeatTimeout: 60,
        }),
      );
    await hook("in", "autoscaling:EC2_INSTANCE_LAUNCHING");
    await hook("out", "autoscaling:EC2_INSTANCE_TERMINATING");
    const set = (DesiredCapacity: number) =>
      kit.client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }));
    const waiting = (state: string, other?: string) =>
      cloud.eventually(async () => {
        const { Instances = [] } = await kit.describe(AutoScalingGroupName);
        return Instances.find(({ LifecycleState, InstanceId }) => LifecycleState === state && InstanceId !== other)
          ?.InstanceId;
      });
    const complete = (LifecycleHookName: string, InstanceId: string, LifecycleActionResult: string) =>
      kit.client.send(
        new CompleteLifecycleActionCommand({
          AutoScalingGroupName,
          LifecycleHookName,
          InstanceId,
          LifecycleActionResult,
        }),
      );
    await set(1);
    const first = await waiting("Pending:Wait");
    await complete("in", first, "ABANDON");
    const second = await waiting("Pending:Wait", first);
    await cloud.clock.advance({ seconds: 40 });
    await kit.client.send(
      new RecordLifecycleActionHeartbeatCommand({ AutoScalingGroupName, LifecycleHookName: "in", InstanceId: second }),
    );
    await cloud.clock.advance({ seconds: 40 });
    expect(await waiting("Pending:Wait")).toBe(second);
    await complete("in", second, "CONTINUE");
    expect(idsOf(await kit.settled(AutoScalingGroupName, 1))).toEqual([second]);
    await expect(complete("in", second, "CONTINUE")).rejects.toMatchObject({
      message: `No active Lifecycle Action found with instance ID ${second}`,
    });
    await set(0);
    expect(await waiting("Terminating:Wait")).toBe(second);
    expect((await kit.instance(second)).state).toBe("running");
    await cloud.clock.advance({ seconds: 60 });
    await kit.settled(AutoScalingGroupName, 0);
    const statuses = (await kit.activities(AutoScalingGroupName)).map(({ StatusCode }) => StatusCode);
    expect(statuses.toSorted()).toEqual(["Cancelled", "Successful", "Successful", "Successful"]);
  });
});

describe("an instance refresh", () => {
  const refreshOf = async (AutoScalingGroupName: string): Promise<InstanceRefresh> => {
    const { InstanceRefreshes = [] } = await kit.client.send(
      new DescribeInstanceRefreshesCommand({ AutoScalingGroupName }),
    );
    return InstanceRefreshes[0] ?? {};
  };
  const start = (AutoScalingGroupName: string, input: Partial<StartInstanceRefreshCommandInput> = {}) =>
    kit.client.send(new StartInstanceRefreshCommand({ AutoScalingGroupName, ...input }));
  const ended = (name: string, status: string) =>
    cloud.eventually(async () => {
      const refresh = await refreshOf(name);
      return refresh.Status === status && refresh;
    });

  it("brings a new version to all instances with no failed request, and leaves those alone that have it", async () => {
    const { arn, url } = await balance("fresh");
    const own = await kit.template(server("one"));
    await kit.create("fresh", own, { DesiredCapacity: 2, TargetGroupARNs: [arn] });
    const before = idsOf(await kit.settled("fresh", 2));
    await serving(arn, 2);
    await kit.version(own, { UserData: Buffer.from(server("two")).toString("base64") });
    const stop = load(url);
    await start("fresh", { Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 150, InstanceWarmup: 5 } });
    await expect(start("fresh")).rejects.toMatchObject({
      name: "InstanceRefreshInProgressFault",
      message: "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
    });
    while ((await refreshOf("fresh")).Status !== "Successful") {
      const { Instances = [] } = await kit.describe("fresh");
      const inService = Instances.filter(({ LifecycleState }) => LifecycleState === "InService").length;
      // Its new instances warm up in the time of the test, and come into service in the machine's own.
      if (inService > 2) await serving(arn, inService);
      await cloud.clock.advance({ seconds: 1 });
    }
    const after = await kit.settled("fresh", 2);
    expect(idsOf(after).some((id) => before.includes(id))).toBe(false);
    expect(after.map(({ LaunchTemplate }) => LaunchTemplate?.Version)).toEqual(["2", "2"]);
    await serving(arn, 2);
    expect((await stop()).toSorted()).toEqual(["200 one", "200 two"]);
    expect(await refreshOf("fresh")).toMatchObject({ PercentageComplete: 100, InstancesToUpdate: 0 });

    await start("fresh", { Preferences: { SkipMatching: true } });
    await ended("fresh", "Successful");
    expect(idsOf(await kit.settled("fresh", 2))).toEqual(idsOf(after));
  });

  it("can be cancelled, and rolled back to what there was", async () => {
    const own = await kit.template();
    await kit.version(own, { InstanceType: "t3.small" });
    await kit.create("back", own, { DesiredCapacity: 2, LaunchTemplate: { LaunchTemplateId: own, Version: "1" } });
    await kit.settled("back", 2);
    const AutoScalingGroupName = "back";
    await expect(kit.client.send(new RollbackInstanceRefreshCommand({ AutoScalingGroupName }))).rejects.toMatchObject({
      name: "ActiveInstanceRefreshNotFoundFault",
    });
    const DesiredConfiguration = { LaunchTemplate: { LaunchTemplateId: own, Version: "2" } };
    const Preferences = {
      MinHealthyPercentage: 50,
      InstanceWarmup: 0,
      CheckpointPercentages: [50, 100],
      CheckpointDelay: 600,
    };
    await start(AutoScalingGroupName, { DesiredConfiguration, Preferences });
    const types = async () =>
      (await kit.describe(AutoScalingGroupName)).Instances?.map(({ InstanceType }) => InstanceType);
    await cloud.eventually(async () => (await refreshOf(AutoScalingGroupName)).PercentageComplete === 50);
    expect((await types())?.toSorted()).toEqual(["t3.micro", "t3.small"]);
    await kit.client.send(new RollbackInstanceRefreshCommand({ AutoScalingGroupName }));
    const rolledBack = await ended(AutoScalingGroupName, "RollbackSuccessful");
    expect(rolledBack.RollbackDetails).toMatchObject({
      PercentageCompleteOnRollback: 50,
      InstancesToUpdateOnRollback: 1,
    });
    await kit.settled(AutoScalingGroupName, 2);
    expect(await types()).toEqual(["t3.micro", "t3.micro"]);

    await start(AutoScalingGroupName, { DesiredConfiguration, Preferences });
    await kit.client.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName }));
    expect((await ended(AutoScalingGroupName, "Cancelled")).StatusReason).toBe("Cancelled due to user request.");
  });
});

describe("scaling", () => {
  it("follows policies when they are executed, with their cooldown", async () => {
    const AutoScalingGroupName = "policies";
    await kit.create(AutoScalingGroupName, template, { MaxSize: 4 });
    const put = async (PolicyName: string, input: object) =>
      kit.client.send(new PutScalingPolicyCommand({ AutoScalingGroupName, PolicyName, ...input }));
    const { PolicyARN } = await put("out", { AdjustmentType: "ChangeInCapacity", ScalingAdjustment: 1, Cooldown: 60 });
    await put("steps", {
      PolicyType: "StepScaling",
      AdjustmentType: "ExactCapacity",
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 3 }],
    });
    await put("tracks", {
      PolicyType: "TargetTrackingScaling",
      TargetTrackingConfiguration: {
        TargetValue: 50,
        PredefinedMetricSpecification: { PredefinedMetricType: "ASGAverageCPUUtilization" },
      },
    });
    await expect(put("predicts", { PolicyType: "PredictiveScaling" })).rejects.toMatchObject({
      name: "NotImplemented",
    });
    const { ScalingPolicies = [] } = await kit.client.send(new DescribePoliciesCommand({ AutoScalingGroupName }));
    expect(ScalingPolicies.map(({ PolicyName, PolicyType }) => `${PolicyName} ${PolicyType}`)).toEqual([
      "out SimpleScaling",
      "steps StepScaling",
      "tracks TargetTrackingScaling",
    ]);
    const execute = (PolicyName = "", more = {}) =>
      kit.client.send(new ExecutePolicyCommand({ AutoScalingGroupName, PolicyName, ...more }));
    await execute(PolicyARN, { HonorCooldown: true });
    await kit.settled(AutoScalingGroupName, 1);
    await expect(execute("out", { HonorCooldown: true })).rejects.toMatchObject({
      name: "ScalingActivityInProgressFault",
    });
    await cloud.clock.advance({ seconds: 60 });
    await execute("out", { HonorCooldown: true });
    await kit.settled(AutoScalingGroupName, 2);
    await execute("steps", { MetricValue: 80, BreachThreshold: 70 });
    await kit.settled(AutoScalingGroupName, 3);
    expect((await kit.activities(AutoScalingGroupName))[0]?.Cause).toMatch(
      / a user request executed policy steps changing the desired capacity from 2 to 3\. {2}/,
    );
  });

  it("follows its schedule", async () => {
    const AutoScalingGroupName = "scheduled";
    await kit.create(AutoScalingGroupName, template);
    const inOneHour = new Date(cloud.clock.now() + 3_600_000);
    const put = (ScheduledActionName: string, input: object) =>
      kit.client.send(
        new PutScheduledUpdateGroupActionCommand({ AutoScalingGroupName, ScheduledActionName, ...input }),
      );
    await put("once", { StartTime: inOneHour, DesiredCapacity: 2 });
    await put("hourly", { Recurrence: "0 * * * *", TimeZone: "Asia/Tokyo", MaxSize: 5 });
    await expect(put("past", { StartTime: new Date(0), MinSize: 1 })).rejects.toMatchObject({
      message: "Given start time is in the past",
    });
    await cloud.clock.advance({ minutes: 61 });
    await kit.settled(AutoScalingGroupName, 2);
    const cause = (await kit.activities(AutoScalingGroupName))[0]?.Cause ?? "";
    expect(cause).toContain(" the scheduled action once executed.  Setting desired capacity from 0 to 2.  At ");
    const { ScheduledUpdateGroupActions = [] } = await kit.client.send(
      new DescribeScheduledActionsCommand({ AutoScalingGroupName }),
    );
    expect(ScheduledUpdateGroupActions.map(({ ScheduledActionName }) => ScheduledActionName)).toEqual(["hourly"]);
    expect((await kit.describe(AutoScalingGroupName)).MaxSize).toBe(5);
  });
});

it("replaces what the load balancer finds unhealthy", async () => {
  const causes = await cloud.eventually(async () => {
    const ended = (await kit.activities("sick")).filter(({ Description }) => Description?.startsWith("Terminating"));
    return ended.length > 0 && ended.map(({ Cause = "" }) => Cause.slice(24));
  });
  expect(causes.at(-1)).toBe("an instance was taken out of service in response to an ELB system health check failure.");
});
