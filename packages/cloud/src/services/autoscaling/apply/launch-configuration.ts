import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
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
  const { imageId, type, keyName, securityGroups, userData, instanceProfile, metadata } = findConfiguration(ctx, name);
  return {
    ImageId: imageId,
    InstanceType: type as never,
    KeyName: keyName,
    SecurityGroupIds: [...securityGroups],
    UserData: userData,
    IamInstanceProfile:
      instanceProfile === undefined
        ? undefined
        : instanceProfile.startsWith("arn:")
          ? { Arn: instanceProfile }
          : { Name: instanceProfile },
    MetadataOptions: metadata,
  };
}
