import { Duration, Stack } from "aws-cdk-lib";
import { AdditionalHealthCheckType, AutoScalingGroup, HealthChecks } from "aws-cdk-lib/aws-autoscaling";
import { InstanceType, MachineImage, SubnetType, UserData } from "aws-cdk-lib/aws-ec2";
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition, LogDrivers } from "aws-cdk-lib/aws-ecs";

/** The port that the service listens on. */
export const port = 8080;

/** Where a release is fetched from. On AWS the variable is not set. */
const endpoint = (scope) => `https://s3.${Stack.of(scope).region}.amazonaws.com`;

/**
 * Instances that fetch the current release when they start, and serve it.
 *
 * @param {import("constructs").Construct} scope
 * @param {{ vpc: import("aws-cdk-lib/aws-ec2").IVpc, releases: import("aws-cdk-lib/aws-s3").IBucket }} props
 */
export function instances(scope, { vpc, releases }) {
  const userData = UserData.forLinux();
  userData.addCommands(
    "command -v node || dnf install --assumeyes nodejs",
    `curl --fail --silent --show-error --output server.mjs "\${AWS_ENDPOINT_URL:-${endpoint(scope)}}/${releases.bucketName}/current/server.mjs"`,
    "exec node server.mjs",
  );
  return new AutoScalingGroup(scope, "Instances", {
    vpc,
    vpcSubnets: { subnetType: SubnetType.PUBLIC },
    instanceType: new InstanceType("t3.micro"),
    machineImage: MachineImage.latestAmazonLinux2023(),
    userData,
    requireImdsv2: true,
    minCapacity: 3,
    maxCapacity: 6,
    healthChecks: HealthChecks.withAdditionalChecks({
      additionalTypes: [AdditionalHealthCheckType.ELB],
      gracePeriod: Duration.minutes(2),
    }),
  });
}

/**
 * The same service as tasks of ECS.
 *
 * @param {import("constructs").Construct} scope
 * @param {{ vpc: import("aws-cdk-lib/aws-ec2").IVpc, releases: import("aws-cdk-lib/aws-s3").IBucket }} props
 */
export function tasks(scope, { vpc, releases }) {
  const definition = new FargateTaskDefinition(scope, "Task", { cpu: 256, memoryLimitMiB: 512 });
  const release = `\${process.env.AWS_ENDPOINT_URL ?? "${endpoint(scope)}"}/${releases.bucketName}/current/server.mjs`;
  definition.addContainer("web", {
    image: ContainerImage.fromRegistry("public.ecr.aws/docker/library/node:22"),
    // An image of your own would hold the code.
    command: [
      "node",
      "--input-type=module",
      "--eval",
      `const code = Buffer.from(await (await fetch(\`${release}\`)).arrayBuffer()); await import("data:text/javascript;base64," + code.toString("base64"));`,
    ],
    portMappings: [{ containerPort: port }],
    logging: LogDrivers.awsLogs({ streamPrefix: "service" }),
  });
  return new FargateService(scope, "Tasks", {
    cluster: new Cluster(scope, "Cluster", { vpc }),
    taskDefinition: definition,
    desiredCount: 3,
    minHealthyPercent: 100,
    assignPublicIp: true,
    circuitBreaker: { rollback: true },
    healthCheckGracePeriod: Duration.seconds(30),
  });
}
