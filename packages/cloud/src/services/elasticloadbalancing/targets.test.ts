import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TargetHealth } from "../../dataplane/data-plane.ts";
import { balancerKit } from "./elasticloadbalancing.test-kit.ts";
import type { BalancerKit } from "./elasticloadbalancing.test-kit.ts";
import { instances } from "./instances.ts";

let kit: BalancerKit;
beforeEach(async () => {
  kit = await balancerKit();
  kit.addInstance("i-1");
  kit.addInstance("i-2");
});
afterEach(() => kit.stop());

const report = (
  targetGroupArn: string,
  target: string,
  state: TargetHealth["state"],
  more: Partial<TargetHealth> = {},
): TargetHealth => ({ targetGroupArn, target, state, inFlight: 0, ...more });

const register = (group: string, ...ids: string[]) =>
  kit.elb.registerTargets({ TargetGroupArn: group, Targets: ids.map((Id) => ({ Id })) });
const deregister = (group: string, ...ids: string[]) =>
  kit.elb.deregisterTargets({ TargetGroupArn: group, Targets: ids.map((Id) => ({ Id })) });

async function instanceIs(id: string, state: string): Promise<void> {
  const { ctx } = kit;
  await instances.handle(ctx, {
    source: "aws.ec2",
    detailType: "EC2 Instance State-change Notification",
    detail: { "instance-id": id, state },
    id: "event",
    time: ctx.now,
    account: ctx.account,
    region: ctx.region,
  });
}

describe("targets", () => {
  it("are initial at once, then what the data plane reports, and each change is told once", async () => {
    const { group } = await kit.web();
    await register(group, "i-1");
    expect(await kit.healthOf(group)).toEqual(["i-1:80 initial Elb.RegistrationInProgress"]);
    await kit.settle();
    kit.plane.reports = [report(group, "i-1:80", "unhealthy", { reason: "Target.Timeout", description: "late" })];
    await kit.settle();
    expect(await kit.healthOf(group)).toEqual(["i-1:80 unhealthy Target.Timeout"]);
    kit.plane.reports = [report(group, "i-1:80", "healthy")];
    await kit.settle();
    await kit.settle();
    expect(await kit.healthOf(group)).toEqual(["i-1:80 healthy"]);
    expect(kit.told()).toEqual(["i-1:80 initial", "i-1:80 unhealthy", "i-1:80 healthy"]);
  });

  it("keep their health while the data plane has nothing to report", async () => {
    const { group } = await kit.web();
    await register(group, "i-1");
    kit.plane.reports = [report(group, "i-1:80", "healthy")];
    await kit.settle();
    kit.plane.reports = [];
    await kit.settle();
    expect(await kit.healthOf(group)).toEqual(["i-1:80 healthy"]);
  });

  it("are unused in a group that no listener forwards to, and initial again when one does", async () => {
    const { group, listener } = await kit.web();
    await register(group, "i-1");
    kit.plane.reports = [report(group, "i-1:80", "healthy")];
    await kit.settle();
    const DefaultActions = [{ Type: "fixed-response" as const, FixedResponseConfig: { StatusCode: "503" } }];
    await kit.elb.modifyListener({ ListenerArn: listener, DefaultActions });
    expect(await kit.healthOf(group)).toEqual(["i-1:80 unused Target.NotInUse"]);
    await kit.settle();
    kit.plane.reports = [];
    const forward = [{ Type: "forward" as const, TargetGroupArn: group }];
    await kit.elb.modifyListener({ ListenerArn: listener, DefaultActions: forward });
    expect(await kit.healthOf(group)).toEqual(["i-1:80 initial Elb.RegistrationInProgress"]);
  });

  it("drain until nothing is with them, and are then not registered", async () => {
    const { group } = await kit.web();
    await register(group, "i-1", "i-2");
    await kit.settle();
    await deregister(group, "i-1");
    expect(await kit.healthOf(group)).toEqual([
      "i-1:80 draining Target.DeregistrationInProgress",
      "i-2:80 initial Elb.RegistrationInProgress",
    ]);
    kit.plane.reports = [report(group, "i-1:80", "healthy")];
    await kit.settle();
    expect(kit.plane.config?.targetGroups[group]?.targets.map(({ key, state }) => `${key} ${state}`)).toEqual([
      "i-1:80 draining",
      "i-2:80 used",
    ]);
    kit.plane.reports = [report(group, "i-1:80", "draining", { inFlight: 1 })];
    await kit.settle();
    expect(await kit.healthOf(group)).toContain("i-1:80 draining Target.DeregistrationInProgress");
    kit.plane.reports = [report(group, "i-1:80", "draining")];
    await kit.settle();
    const asked = await kit.elb.describeTargetHealth({ TargetGroupArn: group, Targets: [{ Id: "i-1" }] });
    expect(asked.TargetHealthDescriptions?.[0]?.TargetHealth).toMatchObject({
      State: "unused",
      Reason: "Target.NotRegistered",
    });
    expect(kit.told()).toEqual(["i-1:80 initial", "i-2:80 initial", "i-1:80 draining", "i-1:80 unused"]);
  });

  it("drain no longer than the deregistration delay", async () => {
    const { group } = await kit.web();
    const Attributes = [{ Key: "deregistration_delay.timeout_seconds", Value: "30" }];
    await kit.elb.modifyTargetGroupAttributes({ TargetGroupArn: group, Attributes });
    await register(group, "i-1");
    await deregister(group, "i-1");
    kit.plane.reports = [report(group, "i-1:80", "draining", { inFlight: 7 })];
    await kit.kernel.clock.advance({ seconds: 29 });
    await kit.settle();
    expect(await kit.healthOf(group)).toHaveLength(1);
    await kit.kernel.clock.advance({ seconds: 1 });
    await kit.settle();
    expect(await kit.healthOf(group)).toEqual([]);
  });

  it("that are registered again while they drain are used again", async () => {
    const { group } = await kit.web();
    await register(group, "i-1");
    await deregister(group, "i-1");
    await register(group, "i-1");
    kit.plane.reports = [report(group, "i-1:80", "draining")];
    await kit.settle();
    expect(await kit.healthOf(group)).toEqual(["i-1:80 initial Elb.RegistrationInProgress"]);
    expect(kit.plane.config?.targetGroups[group]?.targets).toMatchObject([{ key: "i-1:80", state: "used" }]);
  });

  it("whose instance has stopped are out of use until it runs again", async () => {
    const { group } = await kit.web();
    await register(group, "i-1");
    await instanceIs("i-1", "stopping");
    expect(await kit.healthOf(group)).toEqual(["i-1:80 unused Target.InvalidState"]);
    await kit.settle();
    expect(kit.plane.config?.targetGroups[group]?.targets).toEqual([]);
    await instanceIs("i-1", "running");
    await kit.settle();
    expect(kit.plane.config?.targetGroups[group]?.targets).toHaveLength(1);
  });

  it("whose instance was terminated are forgotten when EC2 forgets it", async () => {
    const { group } = await kit.web();
    await register(group, "i-1");
    await instanceIs("i-1", "terminated");
    await kit.settle();
    expect(await kit.healthOf(group)).toEqual(["i-1:80 unused Target.InvalidState"]);
    await kit.kernel.clock.advance({ hours: 1 });
    await kit.settle();
    expect(await kit.healthOf(group)).toEqual([]);
  });

  it("must be instances that run, in the group's VPC", async () => {
    kit.addInstance("i-3", "stopped");
    const { group } = await kit.web();
    await expect(register(group, "i-3")).rejects.toMatchObject({
      code: "InvalidTarget",
      message: "The following targets are not in a running state and cannot be registered: 'i-3'",
    });
    await expect(register(group, "i-9")).rejects.toMatchObject({ code: "InvalidTarget" });
    // Deregistering what is not there is no error.
    await deregister(group, "i-9");
  });

  it("in zones that the load balancer does not have get no traffic", async () => {
    const { group, balancer } = await kit.web();
    await register(group, "i-1");
    await kit.elb.setSubnets({ LoadBalancerArn: balancer, Subnets: ["subnet-b", "subnet-c"] });
    expect(await kit.healthOf(group)).toEqual(["i-1:80 unused Target.NotInUse"]);
    await kit.settle();
    expect(kit.plane.config?.targetGroups[group]?.targets).toEqual([]);
  });
});
