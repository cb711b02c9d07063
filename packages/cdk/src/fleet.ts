import { Duration, Stack, Tags } from "aws-cdk-lib";
import {
  Port,
  SecurityGroup,
  SubnetType,
  type IVpc,
  type LaunchTemplate,
  type SubnetSelection,
} from "aws-cdk-lib/aws-ec2";
import type { FargateTaskDefinition } from "aws-cdk-lib/aws-ecs";
import {
  ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  TargetType,
  type HealthCheck,
  type IApplicationLoadBalancer,
} from "aws-cdk-lib/aws-elasticloadbalancingv2";
import type { IRole } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { clusterName, type Capacity, type Fleet as FleetDocument } from "@trysail/delivery/spec";
import { Construct } from "constructs";
import { instancesOf, type InstancesProps } from "./instances.ts";
import { tasksOf, type EcsTasksProps } from "./tasks.ts";

interface CommonProps {
  /** Letters, digits, dots and underscores. With stack and detail it names the cluster. */
  readonly application: string;
  readonly stack?: string;
  readonly detail?: string;
  readonly vpc: IVpc;
  /** Where instances or tasks are. @defaultValue the public subnets where there are no private ones */
  readonly vpcSubnets?: SubnetSelection;
  /** What the first server group gets; later ones get their source's. @defaultValue 2, at most 4 */
  readonly capacity?: Capacity;
  /** That the service listens on. @defaultValue 8080 */
  readonly port?: number;
  /** That gets a listener for the fleet. @defaultValue a new one, which the internet reaches */
  readonly loadBalancer?: IApplicationLoadBalancer;
  /** That users reach the fleet at: one for each fleet of a load balancer. @defaultValue 80 */
  readonly listenerPort?: number;
  /** @defaultValue `/` every 5 seconds, healthy after 2, unhealthy after 2 */
  readonly healthCheck?: HealthCheck;
  /** How long a request may last when its instance or task leaves. @defaultValue 10 seconds */
  readonly deregistrationDelay?: Duration;
  /** How long an instance or a task has to become healthy until it is replaced. @defaultValue 2 minutes */
  readonly healthCheckGrace?: Duration;
  /** Where artifacts are: its instances or tasks may read them. */
  readonly artifacts?: readonly IBucket[];
}

/** A fleet of instances. */
export interface InstanceFleetProps extends CommonProps, InstancesProps {
  readonly compute?: undefined;
  /**
   * How traffic moves: groups are attached and detached, or each has a target group of its own and a weight in the listener, by
   * which canaries are measured at the balancer.
   *
   * @defaultValue "attachment"
   */
  readonly traffic?: "attachment" | "weight";
}

/** A fleet of ECS's tasks, on Fargate. */
export interface EcsFleetProps extends CommonProps {
  readonly compute: EcsTasksProps;
  /** A service keeps the target group that it was made with. @defaultValue "weight" */
  readonly traffic?: "weight";
}

/** Instances of Auto Scaling, or with `compute: { kind: "ecs", … }` tasks of ECS. */
export type FleetProps = InstanceFleetProps | EcsFleetProps;

/**
 * All that a region needs before versions are rolled out to it: a balancer, a launch template or a task definition, and the parameter that
 * tells a worker how to make server groups. The groups themselves are made by rollouts.
 */
export class Fleet extends Construct {
  /** `application-stack-detail` */
  readonly cluster: string;
  readonly loadBalancer: IApplicationLoadBalancer;
  readonly listener: ApplicationListener;
  /** With `weight`, the one that each group's own is made like. */
  readonly targetGroup: ApplicationTargetGroup;
  /** Undefined with ECS. */
  readonly launchTemplate: LaunchTemplate | undefined;
  /** With ECS, the one that each version's is made of. */
  readonly taskDefinition: FargateTaskDefinition | undefined;
  /** Of the instances, or of the tasks. */
  readonly role: IRole;
  /** All that server groups are given, which a worker must be allowed: with ECS, the one by which images are pulled too. */
  readonly roles: readonly IRole[];
  /** That tells a worker how to make server groups: `/trysail/fleets/` and the cluster's name. */
  readonly parameter: StringParameter;
  readonly #listenerPort: number;

  constructor(scope: Construct, id: string, props: FleetProps) {
    super(scope, id);
    const { application: app, stack, detail, vpc, port = 8080, listenerPort = 80 } = props;
    this.#listenerPort = listenerPort;
    this.cluster = clusterName({ app, stack, detail });
    this.loadBalancer =
      props.loadBalancer ?? new ApplicationLoadBalancer(this, "LoadBalancer", { vpc, internetFacing: true });
    this.targetGroup = new ApplicationTargetGroup(this, "TargetGroup", {
      vpc,
      port,
      protocol: ApplicationProtocol.HTTP,
      targetType: props.compute === undefined ? TargetType.INSTANCE : TargetType.IP,
      deregistrationDelay: props.deregistrationDelay ?? Duration.seconds(10),
      healthCheck: props.healthCheck ?? {
        path: "/",
        interval: Duration.seconds(5),
        timeout: Duration.seconds(2),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
    });
    // A shared one may have a listener of the same id.
    this.listener = new ApplicationListener(props.loadBalancer === undefined ? this.loadBalancer : this, "Listener", {
      loadBalancer: this.loadBalancer,
      port: listenerPort,
      protocol: ApplicationProtocol.HTTP,
      defaultTargetGroups: [this.targetGroup],
    });

    const securityGroup = new SecurityGroup(this, "SecurityGroup", { vpc });
    securityGroup.connections.allowFrom(this.loadBalancer, Port.tcp(port));
    const { subnetIds } = vpc.selectSubnets(
      props.vpcSubnets ?? (vpc.privateSubnets.length === 0 ? { subnetType: SubnetType.PUBLIC } : {}),
    );
    const healthCheckGraceSeconds = (props.healthCheckGrace ?? Duration.minutes(2)).toSeconds();
    const { targetGroupArn } = this.targetGroup;
    let compute: FleetDocument["compute"];
    let traffic: FleetDocument["traffic"] = {
      kind: "weight",
      listener: this.listener.listenerArn,
      targetGroup: targetGroupArn,
    };
    if (props.compute === undefined) {
      const { role, launchTemplate } = instancesOf(this, props, { vpc, port, securityGroup });
      this.launchTemplate = launchTemplate;
      this.role = role;
      this.roles = [role];
      const template = { id: launchTemplate.launchTemplateId ?? "", version: launchTemplate.latestVersionNumber };
      compute = { kind: "auto-scaling", launchTemplate: template, subnets: subnetIds, healthCheckGraceSeconds };
      if (props.traffic !== "weight") traffic = { kind: "attachment", targetGroups: [targetGroupArn] };
    } else {
      const made = tasksOf(this, props.compute, { vpc, port, name: this.cluster });
      this.taskDefinition = made.taskDefinition;
      this.role = made.taskDefinition.taskRole;
      this.roles = [this.role, made.executionRole];
      compute = {
        kind: "ecs",
        cluster: made.cluster.clusterName,
        taskDefinition: made.taskDefinition.taskDefinitionArn,
        container: made.container,
        port,
        subnets: subnetIds,
        securityGroups: [securityGroup.securityGroupId],
        assignPublicIp: vpc.privateSubnets.length === 0,
        healthCheckGraceSeconds,
      };
    }
    for (const bucket of props.artifacts ?? []) bucket.grantRead(this.role);
    // A worker's permissions are limited to what has it.
    for (const own of [this.listener, this.targetGroup, this.launchTemplate, this.taskDefinition])
      if (own !== undefined) Tags.of(own).add("trysail:cluster", this.cluster);

    const capacity = props.capacity ?? { min: 2, desired: 2, max: 4 };
    const fleet: FleetDocument = { version: 1, capacity, compute, traffic };
    this.parameter = new StringParameter(this, "Parameter", {
      parameterName: `/trysail/fleets/${this.cluster}`,
      stringValue: Stack.of(this).toJsonString(fleet),
    });
  }

  /** Where users reach it. */
  get url(): string {
    const port = this.#listenerPort === 80 ? "" : `:${this.#listenerPort}`;
    return `http://${this.loadBalancer.loadBalancerDnsName}${port}`;
  }
}
