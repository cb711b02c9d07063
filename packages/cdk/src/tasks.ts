import type { IVpc } from "aws-cdk-lib/aws-ec2";
import type { IRepository } from "aws-cdk-lib/aws-ecr";
import { Cluster, FargateTaskDefinition, LogDrivers, type ContainerImage, type ICluster } from "aws-cdk-lib/aws-ecs";
import type { Construct } from "constructs";

export interface EcsTasksProps {
  readonly kind: "ecs";
  /** What versions run whose artifact is in a bucket: it fetches `TRYSAIL_ARTIFACT`. One that is an image runs itself. */
  readonly image: ContainerImage;
  /** Where versions' images are: tasks may pull them. */
  readonly repositories?: readonly IRepository[];
  /** Services are made in it. @defaultValue a new one */
  readonly cluster?: ICluster;
  /** In units of 1/1024 of a virtual CPU. @defaultValue 256 */
  readonly cpu?: number;
  /** @defaultValue 512 */
  readonly memoryLimitMiB?: number;
  /** @defaultValue the image's own */
  readonly command?: readonly string[];
  /** Beside `PORT` and what tells the version. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Of the container that runs a version. */
const container = "app";

/** What tasks of Fargate are made of: each version gets a revision of this task definition, with its image and environment. */
export function tasksOf(
  scope: Construct,
  { image, repositories = [], cpu, memoryLimitMiB, command, environment, ...props }: EcsTasksProps,
  { vpc, port, name }: { readonly vpc: IVpc; readonly port: number; readonly name: string },
) {
  const cluster = props.cluster ?? new Cluster(scope, "Cluster", { vpc });
  const taskDefinition = new FargateTaskDefinition(scope, "TaskDefinition", {
    cpu: cpu ?? 256,
    memoryLimitMiB: memoryLimitMiB ?? 512,
  });
  taskDefinition.addContainer(container, {
    image,
    ...(command === undefined ? {} : { command: [...command] }),
    environment: { ...environment, PORT: String(port) },
    portMappings: [{ containerPort: port }],
    logging: LogDrivers.awsLogs({ streamPrefix: name }),
  });
  const executionRole = taskDefinition.obtainExecutionRole();
  for (const repository of repositories) repository.grantPull(executionRole);
  return { cluster, taskDefinition, executionRole, container };
}
