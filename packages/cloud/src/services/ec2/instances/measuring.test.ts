import { EC2Client } from "@aws-sdk/client-ec2";
import { systemClock } from "@trysail/core";
import { expect, it } from "vitest";
import { measured } from "../../../testing/metrics.test-kit.ts";
import { startTestCloud } from "../../../testing/test-cloud.test-kit.ts";
import { instanceKit } from "../ec2.test-kit.ts";
import { checkMeasurements, cpuMeasurement } from "./measuring.ts";
import { statusChecks } from "./status-checks.ts";

const row = { id: "i-1", imageId: "ami-1", instanceType: "t3.micro", detailedMonitoring: false };

it("measures CPUs as a share of the type's, for the instance and its group", () => {
  expect(cpuMeasurement(row, "web", { cpus: 0.5, vcpus: 2 })).toMatchObject({
    values: [25],
    series: [{ InstanceId: "i-1" }, { AutoScalingGroupName: "web" }],
  });
  expect(cpuMeasurement({ ...row, detailedMonitoring: true }, undefined, { cpus: 3, vcpus: 2 })).toMatchObject({
    values: [100],
    series: [{ InstanceId: "i-1" }, { ImageId: "ami-1" }, { InstanceType: "t3.micro" }, {}],
  });
});

it("counts the status checks that fail", () => {
  const failed = (workload: Parameters<typeof statusChecks>[0]) =>
    checkMeasurements("i-1", statusChecks(workload)).flatMap(({ values }) => values);
  expect(failed({ state: "running" })).toEqual([0, 0, 0]);
  expect(failed({ state: "ended" })).toEqual([1, 0, 1]);
  expect(failed(undefined)).toEqual([1, 1, 1]);
});

it("measures what an instance's processes really use", { timeout: 60_000 }, async () => {
  const cloud = await startTestCloud({ clock: systemClock(), measuresUsage: true });
  try {
    const ec2 = cloud.client(EC2Client);
    const kit = instanceKit(cloud, () => ec2);
    const [busy, idle] = await Promise.all([
      kit.launch("#!/bin/sh\n(while :; do :; done) & wait"),
      kit.launch("#!/bin/sh\nsleep 300"),
    ]);
    const of = (InstanceId: string) => measured(cloud, "AWS/EC2/CPUUtilization", { InstanceId }, "Maximum");
    const busiest = await cloud.eventually(async () => {
      const percent = (await of(busy)) ?? 0;
      return percent > 5 && percent;
    });
    const quietest = await cloud.eventually(() => of(idle));
    expect(busiest).toBeGreaterThan(quietest);
    for (const check of ["StatusCheckFailed", "StatusCheckFailed_System", "StatusCheckFailed_Instance"])
      expect(await measured(cloud, `AWS/EC2/${check}`, { InstanceId: idle }, "Maximum")).toBe(0);
  } finally {
    await cloud.stop();
  }
});
