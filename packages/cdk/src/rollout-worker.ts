import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import type { IVpc } from "aws-cdk-lib/aws-ec2";
import { Cluster, FargateService, FargateTaskDefinition, LogDrivers, type ContainerImage } from "aws-cdk-lib/aws-ecs";
import type { IRole } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { workerPolicy } from "./worker-policy.ts";

export interface RolloutWorkerProps {
  readonly vpc: IVpc;
  /** With `trysail` on its path; for example `node:22` in which `npm install --global trysail` was run. */
  readonly image: ContainerImage;
  /** Of fleets' instances and tasks, in all regions: `fleet.roles`, or `Role.fromRoleName` for those of other regions. */
  readonly fleetRoles: readonly IRole[];
  /**
   * Names of the clusters that it may change: `fleet.cluster`. A worker takes the jobs of all pipelines, so that rollouts of others
   * would be denied.
   *
   * @defaultValue all that are there
   */
  readonly clusters?: readonly string[];
  /** Several do no harm: one goes on where another is lost. @defaultValue 1 */
  readonly count?: number;
  /** That rollouts are kept in. @defaultValue a new one, `trysail-rollouts-ACCOUNT-REGION` */
  readonly bucket?: IBucket;
}

/**
 * `trysail worker` as a service of Fargate, with the least policy that it needs, and the bucket that rollouts are kept in. In
 * the region of the pipelines. A local Trysail serves rollouts itself, and needs none.
 */
export class RolloutWorker extends Construct {
  readonly bucket: IBucket;
  readonly service: FargateService;

  constructor(scope: Construct, id: string, props: RolloutWorkerProps) {
    super(scope, id);
    const { account, region } = Stack.of(this);
    this.bucket =
      props.bucket ??
      new Bucket(this, "Rollouts", {
        bucketName: `trysail-rollouts-${account}-${region}`,
        blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
        encryption: BucketEncryption.S3_MANAGED,
        enforceSSL: true,
        // What went out, when and why, is not to be lost with the stack.
        removalPolicy: RemovalPolicy.RETAIN,
      });
    const definition = new FargateTaskDefinition(this, "Task", { cpu: 256, memoryLimitMiB: 512 });
    definition.addContainer("worker", {
      image: props.image,
      command: ["trysail", "worker", "--aws", "--region", region, "--bucket", this.bucket.bucketName],
      logging: LogDrivers.awsLogs({ streamPrefix: "trysail-worker" }),
      // It ends the call that it is at.
      stopTimeout: Duration.seconds(30),
    });
    const policy = workerPolicy({
      bucketArn: this.bucket.bucketArn,
      fleetRoleArns: props.fleetRoles.map(({ roleArn }) => roleArn),
      clusters: props.clusters,
    });
    for (const statement of policy) definition.addToTaskRolePolicy(statement);
    this.service = new FargateService(this, "Service", {
      cluster: new Cluster(this, "Cluster", { vpc: props.vpc }),
      taskDefinition: definition,
      desiredCount: props.count ?? 1,
      minHealthyPercent: 0,
      maxHealthyPercent: 100,
      assignPublicIp: props.vpc.privateSubnets.length === 0,
    });
  }
}
