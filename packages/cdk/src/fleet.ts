import { Duration, Stack, Tags } from "aws-cdk-lib";
import {
  InstanceType,
  LaunchTemplate,
  MachineImage,
  Port,
  SecurityGroup,
  SubnetType,
  UserData,
  type IMachineImage,
  type IVpc,
  type SubnetSelection,
} from "aws-cdk-lib/aws-ec2";
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  TargetType,
  type ApplicationListener,
  type HealthCheck,
} from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { Role, ServicePrincipal, ManagedPolicy, type IRole } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { clusterName, type Capacity, type Fleet as FleetDocument } from "@trysail/delivery/spec";
import { Construct } from "constructs";
import { startScript } from "./user-data.ts";

export interface FleetProps {
  /** Letters, digits, dots and underscores. With stack and detail it names the cluster. */
  readonly application: string;
  readonly stack?: string;
  readonly detail?: string;
  readonly vpc: IVpc;
  /** Where instances are. @defaultValue the public subnets where there are no private ones */
  readonly vpcSubnets?: SubnetSelection;
  /** What the first server group gets; later ones get their source's. @defaultValue 2, at most 4 */
  readonly capacity?: Capacity;
  /** @defaultValue t3.micro */
  readonly instanceType?: InstanceType;
  /** @defaultValue the latest Amazon Linux 2023 */
  readonly machineImage?: IMachineImage;
  /** Shell commands that run a version, in the folder of its unpacked artifact; the last becomes the instance's program. */
  readonly start: readonly string[];
  /** That the service listens on. @defaultValue 8080 */
  readonly port?: number;
  /** @defaultValue `/` every 5 seconds, healthy after 2, unhealthy after 2 */
  readonly healthCheck?: HealthCheck;
  /** How long a request may last when its instance leaves. @defaultValue 10 seconds */
  readonly deregistrationDelay?: Duration;
  /** How long an instance has to become healthy until it is replaced. @defaultValue 2 minutes */
  readonly healthCheckGrace?: Duration;
  /**
   * How traffic moves: groups are attached and detached, or each has a target group of its own and a weight in the listener, by
   * which canaries are measured at the balancer.
   *
   * @defaultValue "attachment"
   */
  readonly traffic?: "attachment" | "weight";
  /** Where artifacts are: its instances may read them. */
  readonly artifacts?: readonly IBucket[];
}

/**
 * All that a region needs before versions are rolled out to it: a balancer, a launch template, and the parameter that
 * tells a worker how to make server groups. The groups themselves are made by rollouts.
 */
export class Fleet extends Construct {
  /** `application-stack-detail` */
  readonly cluster: string;
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly listener: ApplicationListener;
  /** With `weight`, the one that each group's own is made like. */
  readonly targetGroup: ApplicationTargetGroup;
  readonly launchTemplate: LaunchTemplate;
  /** Of the instances. */
  readonly role: IRole;
  /** That tells a worker how to make server groups: `/trysail/fleets/` and the cluster's name. */
  readonly parameter: StringParameter;

  constructor(scope: Construct, id: string, props: FleetProps) {
    super(scope, id);
    const { application: app, stack, detail, vpc, port = 8080, traffic = "attachment" } = props;
    this.cluster = clusterName({ app, stack, detail });
    this.loadBalancer = new ApplicationLoadBalancer(this, "LoadBalancer", { vpc, internetFacing: true });
    this.targetGroup = new ApplicationTargetGroup(this, "TargetGroup", {
      vpc,
      port,
      protocol: ApplicationProtocol.HTTP,
      targetType: TargetType.INSTANCE,
      deregistrationDelay: props.deregistrationDelay ?? Duration.seconds(10),
      healthCheck: props.healthCheck ?? {
        path: "/",
        interval: Duration.seconds(5),
        timeout: Duration.seconds(2),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
    });
    this.listener = this.loadBalancer.addListener("Listener", { port: 80, defaultTargetGroups: [this.targetGroup] });

    const securityGroup = new SecurityGroup(this, "SecurityGroup", { vpc });
    securityGroup.connections.allowFrom(this.loadBalancer, Port.tcp(port));
    this.role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("ec2.amazonaws.com"),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName("AmazonSSMManagedInstanceCore")],
    });
    for (const bucket of props.artifacts ?? []) bucket.grantRead(this.role);
    this.launchTemplate = new LaunchTemplate(this, "LaunchTemplate", {
      instanceType: props.instanceType ?? new InstanceType("t3.micro"),
      machineImage: props.machineImage ?? MachineImage.latestAmazonLinux2023(),
      userData: UserData.custom(startScript(props.start, port)),
      role: this.role,
      securityGroup,
      requireImdsv2: true,
      ...(vpc.privateSubnets.length === 0 ? { associatePublicIpAddress: true } : {}),
    });

    // A worker's permissions are limited to what has it.
    for (const own of [this.targetGroup, this.launchTemplate]) Tags.of(own).add("trysail:cluster", this.cluster);

    const subnets = vpc.selectSubnets(
      props.vpcSubnets ?? (vpc.privateSubnets.length === 0 ? { subnetType: SubnetType.PUBLIC } : {}),
    );
    const fleet: FleetDocument = {
      version: 1,
      capacity: props.capacity ?? { min: 2, desired: 2, max: 4 },
      compute: {
        kind: "auto-scaling",
        launchTemplate: {
          id: this.launchTemplate.launchTemplateId ?? "",
          version: this.launchTemplate.latestVersionNumber,
        },
        subnets: subnets.subnetIds,
        healthCheckGraceSeconds: (props.healthCheckGrace ?? Duration.minutes(2)).toSeconds(),
      },
      traffic:
        traffic === "attachment"
          ? { kind: traffic, targetGroups: [this.targetGroup.targetGroupArn] }
          : { kind: traffic, listener: this.listener.listenerArn, targetGroup: this.targetGroup.targetGroupArn },
    };
    this.parameter = new StringParameter(this, "Parameter", {
      parameterName: `/trysail/fleets/${this.cluster}`,
      stringValue: Stack.of(this).toJsonString(fleet),
    });
  }

  /** Where users reach it. */
  get url(): string {
    return `http://${this.loadBalancer.loadBalancerDnsName}`;
  }
}
