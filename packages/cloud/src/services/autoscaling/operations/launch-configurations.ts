import type { CreateLaunchConfigurationCommandInput } from "@aws-sdk/client-auto-scaling";
import { partitionOf } from "@trysail/core";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { findConfiguration } from "../apply/launch-configuration.ts";
import { errors, refuse } from "../errors.ts";
import type { Configuration } from "../model/configuration.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";

const refused: readonly (keyof CreateLaunchConfigurationCommandInput)[] = [
  "ClassicLinkVPCId",
  "ClassicLinkVPCSecurityGroups",
  "InstanceId",
  "KernelId",
  "PlacementTenancy",
  "RamdiskId",
  "SpotPrice",
];

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html */
export const createLaunchConfiguration: Handler<Sdk, "createLaunchConfiguration"> = (ctx, input) => {
  const { LaunchConfigurationName: name, ImageId: imageId, InstanceType: type } = input;
  const asked = refused.find(
    (key) => input[key] !== undefined && !(Array.isArray(input[key]) && input[key].length === 0),
  );
  if (asked !== undefined) throw refuse(`${asked} of launch configurations`);
  if (ctx.table(tables.configurations).has(name))
    throw errors.AlreadyExists(
      `Launch Configuration by this name already exists - A launch configuration already exists with the name ${name}`,
    );
  if (imageId === undefined || type === undefined)
    throw errors.ValidationError(
      "Valid requests must contain either the InstanceID parameter or both the ImageId and InstanceType parameters.",
    );
  if (!imageId.startsWith("ami-"))
    throw errors.ValidationError(`AMI ${imageId} is invalid: Invalid id: "${imageId}" (expecting "ami-...")`);
  ctx.table(tables.configurations).put(name, {
    name,
    arn: `arn:${partitionOf(ctx.region)}:autoscaling:${ctx.region}:${ctx.account}:launchConfiguration:${ctx.ids.uuid()}:launchConfigurationName/${name}`,
    createdAt: ctx.now,
    imageId,
    type,
    keyName: input.KeyName,
    securityGroups: input.SecurityGroups ?? [],
    userData: input.UserData,
    instanceProfile: input.IamInstanceProfile,
    metadata: input.MetadataOptions,
    associatePublicIp: input.AssociatePublicIpAddress,
    monitoring: input.InstanceMonitoring?.Enabled ?? true,
    blockDevices: input.BlockDeviceMappings ?? [],
    ebsOptimized: input.EbsOptimized ?? false,
  });
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteLaunchConfiguration.html */
export const deleteLaunchConfiguration: Handler<Sdk, "deleteLaunchConfiguration"> = (ctx, input) => {
  const { name } = findConfiguration(ctx, input.LaunchConfigurationName);
  for (const group of ctx.table(tables.groups).values()) {
    if (group.source.kind === "configuration" && group.source.name === name)
      throw errors.ResourceInUse(
        `Cannot delete launch configuration ${name} because it is attached to AutoScalingGroup ${group.name}`,
      );
  }
  ctx.table(tables.configurations).delete(name);
  return {};
};

function show(configuration: Configuration) {
  return {
    LaunchConfigurationName: configuration.name,
    LaunchConfigurationARN: configuration.arn,
    ImageId: configuration.imageId,
    InstanceType: configuration.type,
    KeyName: configuration.keyName ?? "",
    SecurityGroups: [...configuration.securityGroups],
    UserData: configuration.userData ?? "",
    IamInstanceProfile: configuration.instanceProfile,
    CreatedTime: new Date(configuration.createdAt),
    AssociatePublicIpAddress: configuration.associatePublicIp,
    MetadataOptions: configuration.metadata,
    InstanceMonitoring: { Enabled: configuration.monitoring },
    BlockDeviceMappings: [...configuration.blockDevices],
    ClassicLinkVPCSecurityGroups: [],
    KernelId: "",
    RamdiskId: "",
    EbsOptimized: configuration.ebsOptimized,
  };
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLaunchConfigurations.html */
export const describeLaunchConfigurations: Handler<Sdk, "describeLaunchConfigurations"> = (ctx, input) => {
  const { LaunchConfigurationNames: names = [] } = input;
  const wanted = [...ctx.table(tables.configurations).values()].filter(
    ({ name }) => names.length === 0 || names.includes(name),
  );
  const { items, next } = pageOfList(wanted, input.NextToken, input.MaxRecords ?? 50, errors.InvalidNextToken);
  return { LaunchConfigurations: items.map(show), NextToken: next };
};
