import {
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DeleteLaunchConfigurationCommand,
  DescribeLaunchConfigurationsCommand,
} from "@aws-sdk/client-auto-scaling";
import type { CreateLaunchConfigurationCommandInput } from "@aws-sdk/client-auto-scaling";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { amazonLinux } from "../ec2/ec2.test-kit.ts";
import { fleetKit } from "./autoscaling.test-kit.ts";
import type { FleetKit } from "./autoscaling.test-kit.ts";

let cloud: TestCloud;
let kit: FleetKit;
beforeAll(async () => {
  cloud = await startTestCloud();
  kit = fleetKit(cloud);
});
afterAll(() => cloud.stop());

const create = async (LaunchConfigurationName: string, input?: Partial<CreateLaunchConfigurationCommandInput>) =>
  kit.client.send(
    new CreateLaunchConfigurationCommand({
      LaunchConfigurationName,
      ImageId: await amazonLinux(cloud),
      InstanceType: "t3.micro",
      ...input,
    }),
  );

describe("a launch configuration", () => {
  it("gives a group's instances all that it says, and stays while the group needs it", async () => {
    const said = {
      AssociatePublicIpAddress: false,
      InstanceMonitoring: { Enabled: true },
      EbsOptimized: true,
      BlockDeviceMappings: [{ DeviceName: "/dev/sdb", Ebs: { VolumeSize: 1, DeleteOnTermination: false } }],
    };
    await create("all", said);
    const { LaunchConfigurations } = await kit.client.send(new DescribeLaunchConfigurationsCommand({}));
    expect(LaunchConfigurations).toMatchObject([said]);
    await kit.client.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: "configured",
        LaunchConfigurationName: "all",
        MinSize: 1,
        MaxSize: 1,
        VPCZoneIdentifier: (await kit.subnets()).join(","),
      }),
    );
    const [{ InstanceId = "", LaunchConfigurationName } = {}] = await kit.settled("configured", 1);
    expect(LaunchConfigurationName).toBe("all");
    const { Reservations } = await kit.ec2.send(new DescribeInstancesCommand({ InstanceIds: [InstanceId] }));
    const instance = Reservations?.[0]?.Instances?.[0];
    expect(instance).toMatchObject({ EbsOptimized: true, Monitoring: { State: "enabled" } });
    expect(instance?.PublicIpAddress).toBeUndefined();
    expect(instance?.BlockDeviceMappings).toContainEqual(
      expect.objectContaining({
        DeviceName: "/dev/sdb",
        Ebs: expect.objectContaining({ DeleteOnTermination: false }) as object,
      }),
    );
    await expect(
      kit.client.send(new DeleteLaunchConfigurationCommand({ LaunchConfigurationName: "all" })),
    ).rejects.toMatchObject({ name: "ResourceInUseFault" });
  });

  it("names an image by its id", () =>
    expect(create("parameter", { ImageId: "resolve:ssm:golden" })).rejects.toMatchObject({
      name: "ValidationError",
      message: 'AMI resolve:ssm:golden is invalid: Invalid id: "resolve:ssm:golden" (expecting "ami-...")',
    }));
});
