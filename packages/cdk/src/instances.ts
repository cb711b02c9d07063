import {
  InstanceType,
  LaunchTemplate,
  MachineImage,
  UserData,
  type IMachineImage,
  type ISecurityGroup,
  type IVpc,
} from "aws-cdk-lib/aws-ec2";
import { ManagedPolicy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { startScript } from "./user-data.ts";

export interface InstancesProps {
  /** @defaultValue t3.micro */
  readonly instanceType?: InstanceType;
  /** @defaultValue the latest Amazon Linux 2023 */
  readonly machineImage?: IMachineImage;
  /** Shell commands that run a version, in the folder of its unpacked artifact; the last becomes the instance's program. */
  readonly start: readonly string[];
}

/** What instances of Auto Scaling are made of. */
export function instancesOf(
  scope: Construct,
  { instanceType, machineImage, start }: InstancesProps,
  { vpc, port, securityGroup }: { readonly vpc: IVpc; readonly port: number; readonly securityGroup: ISecurityGroup },
) {
  const role = new Role(scope, "Role", {
    assumedBy: new ServicePrincipal("ec2.amazonaws.com"),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName("AmazonSSMManagedInstanceCore")],
  });
  const launchTemplate = new LaunchTemplate(scope, "LaunchTemplate", {
    instanceType: instanceType ?? new InstanceType("t3.micro"),
    machineImage: machineImage ?? MachineImage.latestAmazonLinux2023(),
    userData: UserData.custom(startScript(start, port)),
    role,
    securityGroup,
    requireImdsv2: true,
    ...(vpc.privateSubnets.length === 0 ? { associatePublicIpAddress: true } : {}),
  });
  return { role, launchTemplate };
}
