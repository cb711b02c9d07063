import { DescribeInstancesCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import type { EC2Client, Instance, RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

/** Instances as a user's client launches and watches them. */
export interface InstanceKit {
  /** One instance of Amazon Linux. `script` is its user data in clear. */
  launch(script?: string, input?: Partial<RunInstancesCommandInput>): Promise<string>;
  describe(id: string): Promise<Instance>;
  /** Resolves when the instance is in that state. */
  until(id: string, state: string): Promise<Instance>;
}

export function instanceKit(cloud: TestCloud, ec2: () => EC2Client): InstanceKit {
  const kit: InstanceKit = {
    async launch(script, input) {
      const { Instances = [] } = await ec2().send(
        new RunInstancesCommand({
          ImageId: await amazonLinux(cloud),
          InstanceType: "t3.micro",
          MinCount: 1,
          MaxCount: 1,
          ...(script !== undefined && { UserData: Buffer.from(script).toString("base64") }),
          ...input,
        }),
      );
      return Instances[0]?.InstanceId ?? "";
    },
    async describe(id) {
      const { Reservations = [] } = await ec2().send(new DescribeInstancesCommand({ InstanceIds: [id] }));
      return Reservations[0]?.Instances?.[0] ?? {};
    },
    until: (id, state) =>
      cloud.eventually(async () => {
        const instance = await kit.describe(id);
        return instance.State?.Name === state && instance;
      }),
  };
  return kit;
}

/** The image that the CDK takes for the newest Amazon Linux. */
export async function amazonLinux(cloud: TestCloud, region = "us-east-1"): Promise<string> {
  const ssm = cloud.client(SSMClient, { region });
  const { Parameter } = await ssm.send(
    new GetParameterCommand({ Name: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" }),
  );
  return Parameter?.Value ?? "";
}
