import { isAwsError } from "../../../kernel/errors.ts";
import type { ResourceType } from "../../../kernel/resource.ts";
import { textOf } from "./values.ts";

const names = [
  "AssociatePublicIpAddress",
  "BlockDeviceMappings",
  "ClassicLinkVPCId",
  "ClassicLinkVPCSecurityGroups",
  "EbsOptimized",
  "IamInstanceProfile",
  "ImageId",
  "InstanceId",
  "InstanceType",
  "KernelId",
  "KeyName",
  "MetadataOptions",
  "PlacementTenancy",
  "RamDiskId",
  "SecurityGroups",
  "SpotPrice",
  "UserData",
] as const;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-autoscaling-launchconfiguration.html */
export const launchConfiguration: ResourceType = {
  properties: [...names, "InstanceMonitoring", "LaunchConfigurationName"],
  required: ["ImageId", "InstanceType"],

  async create(ctx, properties, request) {
    const given = properties["LaunchConfigurationName"];
    const name = typeof given === "string" ? given : request.generatedName();
    const { LaunchConfigurations: [existing] = [] } = await ctx.call.autoscaling.describeLaunchConfigurations({
      LaunchConfigurationNames: [name],
    });
    // A name that was generated is the same step's own: an attempt that was cut short has made it.
    if (existing === undefined || typeof given === "string") {
      const monitoring = properties["InstanceMonitoring"];
      const { RamDiskId, ...rest } = Object.fromEntries(
        names.flatMap((key) => (properties[key] === undefined ? [] : [[key, properties[key]]])),
      );
      await ctx.call.autoscaling.createLaunchConfiguration({
        ...rest,
        ...(RamDiskId !== undefined && { RamdiskId: textOf(RamDiskId) }),
        ...(monitoring !== undefined && { InstanceMonitoring: { Enabled: textOf(monitoring) === "true" } }),
        LaunchConfigurationName: name,
      });
    }
    return { status: "done", id: name, attributes: {} };
  },

  async remove(ctx, id) {
    try {
      await ctx.call.autoscaling.deleteLaunchConfiguration({ LaunchConfigurationName: id });
    } catch (error) {
      if (!isAwsError(error, "ValidationError")) throw error;
    }
    return { status: "done" };
  },
};
