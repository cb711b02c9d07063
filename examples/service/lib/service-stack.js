import { CfnOutput, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Peer, Port, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  ListenerAction,
  TargetType,
} from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket } from "aws-cdk-lib/aws-s3";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from "aws-cdk-lib/custom-resources";
import { instances, port, tasks } from "./fleets.js";
import { monitoring } from "./monitoring.js";
import { pipeline } from "./pipeline.js";

/** A service on an Auto Scaling group and on ECS, behind one balancer, and the pipeline that delivers it. */
export class ServiceStack extends Stack {
  /**
   * @param {import("constructs").Construct} scope
   * @param {string} id
   * @param {import("aws-cdk-lib").StackProps & { repository: string, branch: string }} props - `repository` is `owner/name`
   */
  constructor(scope, id, props) {
    super(scope, id, props);
    const vpc = new Vpc(this, "Vpc", {
      maxAzs: 3,
      natGateways: 0,
      subnetConfiguration: [{ name: "public", subnetType: SubnetType.PUBLIC }],
    });

    // Public, so that an instance and a container can fetch the example's code with nothing but curl and node.
    const releases = new Bucket(this, "Releases", {
      publicReadAccess: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ACLS_ONLY,
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
    const first = this.firstRelease(releases);

    const group = instances(this, { vpc, releases });
    const service = tasks(this, { vpc, releases });
    group.node.addDependency(first);
    service.node.addDependency(first);

    const common = {
      vpc,
      port,
      protocol: ApplicationProtocol.HTTP,
      healthCheck: { path: "/health", interval: Duration.seconds(5), timeout: Duration.seconds(2) },
      deregistrationDelay: Duration.seconds(10),
    };
    const balancer = new ApplicationLoadBalancer(this, "Balancer", { vpc, internetFacing: true });
    balancer.addListener("Http", {
      port: 80,
      defaultAction: ListenerAction.weightedForward([
        {
          targetGroup: new ApplicationTargetGroup(this, "InstanceTargets", { ...common, targets: [group] }),
          weight: 1,
        },
        {
          targetGroup: new ApplicationTargetGroup(this, "TaskTargets", {
            ...common,
            targetType: TargetType.IP,
            targets: [service],
          }),
          weight: 1,
        },
      ]),
    });
    group.connections.allowFrom(balancer, Port.tcp(port));
    service.connections.allowFrom(balancer, Port.tcp(port));
    balancer.connections.allowFrom(Peer.anyIpv4(), Port.tcp(80));

    const { failing, happenings } = monitoring(this, { balancer, group });
    pipeline(this, { ...props, releases, group, service });
    new CfnOutput(this, "Url", { value: `http://${balancer.loadBalancerDnsName}` });
    new CfnOutput(this, "GroupName", { value: group.autoScalingGroupName });
    new CfnOutput(this, "AlarmName", { value: failing.alarmName });
    new CfnOutput(this, "StreamName", { value: happenings.streamName });
  }

  /**
   * Puts the server as it is now where the pipeline puts its releases, so that there is one before the first push.
   *
   * @param {Bucket} releases
   */
  firstRelease(releases) {
    const server = new Asset(this, "Server", { path: "app/src/server.mjs" });
    return new AwsCustomResource(this, "FirstRelease", {
      installLatestAwsSdk: false,
      onCreate: {
        service: "S3",
        action: "copyObject",
        parameters: {
          Bucket: releases.bucketName,
          Key: "current/server.mjs",
          CopySource: `${server.s3BucketName}/${server.s3ObjectKey}`,
        },
        outputPaths: ["CopyObjectResult.ETag"],
        physicalResourceId: PhysicalResourceId.of("current/server.mjs"),
      },
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({ actions: ["s3:GetObject"], resources: [server.bucket.arnForObjects("*")] }),
        new PolicyStatement({ actions: ["s3:PutObject"], resources: [releases.arnForObjects("current/*")] }),
      ]),
    });
  }
}
