import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
} from "@aws-sdk/client-auto-scaling";
import type {
  Activity,
  AutoScalingGroup,
  CreateAutoScalingGroupCommandInput,
  Instance,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import type { RequestLaunchTemplateData } from "@aws-sdk/client-ec2";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { amazonLinux } from "../ec2/ec2.test-kit.ts";

/** Groups as a user's client makes and watches them. */
export interface FleetKit {
  readonly client: AutoScalingClient;
  readonly ec2: EC2Client;
  /** A launch template of Amazon Linux. `script` is its user data in clear. @returns its id */
  template(script?: string, data?: RequestLaunchTemplateData): Promise<string>;
  /** Another version of a launch template, which becomes its latest. */
  version(template: string, data: RequestLaunchTemplateData): Promise<void>;
  /** The ids of the default subnets, in the order of their zones. */
  subnets(): Promise<string[]>;
  /** A group in the three default subnets. */
  create(name: string, template: string, input?: Partial<CreateAutoScalingGroupCommandInput>): Promise<void>;
  describe(name: string): Promise<AutoScalingGroup>;
  /** Resolves when so many instances are in service, and no others are there. */
  settled(name: string, count: number): Promise<Instance[]>;
  /** Newest first. */
  activities(name: string): Promise<Activity[]>;
  /** Where an instance is reached, and its tags. */
  instance(
    id: string,
  ): Promise<{ readonly address: string; readonly state: string; readonly tags: Record<string, string> }>;
}

export function fleetKit(cloud: TestCloud): FleetKit {
  const client = cloud.client(AutoScalingClient);
  const ec2 = cloud.client(EC2Client);
  let templates = 0;
  const kit: FleetKit = {
    client,
    ec2,
    async template(script, data) {
      const { LaunchTemplate } = await ec2.send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName: `template-${templates++}`,
          LaunchTemplateData: {
            ImageId: await amazonLinux(cloud),
            InstanceType: "t3.micro",
            ...(script !== undefined && { UserData: Buffer.from(script).toString("base64") }),
            ...data,
          },
        }),
      );
      return LaunchTemplate?.LaunchTemplateId ?? "";
    },
    async version(LaunchTemplateId, LaunchTemplateData) {
      await ec2.send(
        new CreateLaunchTemplateVersionCommand({ LaunchTemplateId, SourceVersion: "$Latest", LaunchTemplateData }),
      );
    },
    async subnets() {
      const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
      return Subnets.toSorted((a, b) => (a.AvailabilityZone ?? "").localeCompare(b.AvailabilityZone ?? "")).map(
        ({ SubnetId = "" }) => SubnetId,
      );
    },
    async create(AutoScalingGroupName, template, input) {
      await client.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName,
          LaunchTemplate: { LaunchTemplateId: template, Version: "$Latest" },
          MinSize: 0,
          MaxSize: 10,
          VPCZoneIdentifier: (await kit.subnets()).join(","),
          ...input,
        }),
      );
    },
    async describe(name) {
      const { AutoScalingGroups = [] } = await client.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
      );
      return AutoScalingGroups[0] as AutoScalingGroup;
    },
    settled: (name, count) =>
      cloud.eventually(async () => {
        const { Instances = [] } = await kit.describe(name);
        return (
          Instances.length === count &&
          Instances.every(({ LifecycleState }) => LifecycleState === "InService") &&
          Instances
        );
      }),
    async activities(AutoScalingGroupName) {
      return (await client.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName }))).Activities ?? [];
    },
    async instance(id) {
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      const found = Reservations[0]?.Instances?.[0];
      return {
        address: found?.PrivateIpAddress ?? "",
        state: found?.State?.Name ?? "",
        tags: Object.fromEntries((found?.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
      };
    },
  };
  return kit;
}
