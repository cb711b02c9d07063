import { CfnOutput, Fn, Stack } from "aws-cdk-lib";
import { SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Fleet } from "@trysail/cdk";

/** The playback service in one region: all but its server groups, which rollouts make. */
export class RegionStack extends Stack {
  /**
   * @param {import("constructs").Construct} scope
   * @param {string} id
   * @param {import("aws-cdk-lib").StackProps & { artifacts: string }} props - `artifacts` is the name of a bucket
   */
  constructor(scope, id, { artifacts, ...props }) {
    super(scope, id, props);
    const vpc = new Vpc(this, "Vpc", {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: "public", subnetType: SubnetType.PUBLIC }],
    });
    const fleet = new Fleet(this, "Fleet", {
      application: "playback",
      stack: "prod",
      vpc,
      start: [
        "command -v node >/dev/null || dnf install --assumeyes nodejs",
        "node --max-old-space-size=64 server.mjs",
      ],
      artifacts: [Bucket.fromBucketName(this, "Artifacts", artifacts)],
    });
    // The service tells CloudWatch itself how it fares.
    fleet.role.addToPrincipalPolicy(new PolicyStatement({ actions: ["cloudwatch:PutMetricData"], resources: ["*"] }));
    new CfnOutput(this, "Url", { value: fleet.url });
  }

  /** The region's first two, whichever they are: nothing is looked up, nor written into this folder. */
  get availabilityZones() {
    return [0, 1].map((index) => Fn.select(index, Fn.getAzs(this.region)));
  }
}
