import type { BlockDeviceMapping } from "@aws-sdk/client-auto-scaling";
import type { BlockDeviceMapping as Ec2Device, RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import { errors } from "../errors.ts";
import type { Configuration } from "../model/configuration.ts";
import { tables } from "../store.ts";

/** @throws AwsError `ValidationError` if there is none */
export function findConfiguration(ctx: Context, name: string): Configuration {
  const configuration = ctx.table(tables.configurations).get(name);
  if (configuration === undefined)
    throw errors.ValidationError(
      `Launch configuration name not found - A launch configuration with the name: ${name} does not exist`,
    );
  return configuration;
}

/** What a launch configuration asks of EC2. */
export function configurationOf(ctx: Context, name: string): Partial<RunInstancesCommandInput> {
  const configuration = findConfiguration(ctx, name);
  const { securityGroups, instanceProfile, associatePublicIp } = configuration;
  return {
    ImageId: configuration.imageId,
    InstanceType: configuration.type as never,
    KeyName: configuration.keyName,
    UserData: configuration.userData,
    IamInstanceProfile:
      instanceProfile === undefined
        ? undefined
        : instanceProfile.startsWith("arn:")
          ? { Arn: instanceProfile }
          : { Name: instanceProfile },
    MetadataOptions: configuration.metadata,
    Monitoring: { Enabled: configuration.monitoring },
    EbsOptimized: configuration.ebsOptimized,
    BlockDeviceMappings: configuration.blockDevices.map(deviceOf),
    // Whether there is a public address is a matter of the interface, which then has the groups.
    ...(associatePublicIp === undefined
      ? { SecurityGroupIds: [...securityGroups] }
      : {
          NetworkInterfaces: [
            { DeviceIndex: 0, AssociatePublicIpAddress: associatePublicIp, Groups: [...securityGroups] },
          ],
        }),
  };
}

/** A device in EC2's words, which says by an empty text that there is none. */
function deviceOf({ DeviceName, VirtualName, Ebs, NoDevice }: BlockDeviceMapping): Ec2Device {
  return {
    DeviceName,
    VirtualName,
    ...(Ebs !== undefined && { Ebs: Ebs as NonNullable<Ec2Device["Ebs"]> }),
    ...(NoDevice === true && { NoDevice: "" }),
  };
}
