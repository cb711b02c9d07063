import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, MathExpression, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { HttpCodeTarget } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { Match, Rule } from "aws-cdk-lib/aws-events";
import { KinesisStream } from "aws-cdk-lib/aws-events-targets";
import { Stream } from "aws-cdk-lib/aws-kinesis";

/**
 * Instances as the load wants them, an alarm on what fails, and a stream of all that happens.
 *
 * @param {import("constructs").Construct} scope
 * @param {{
 *   balancer: import("aws-cdk-lib/aws-elasticloadbalancingv2").ApplicationLoadBalancer,
 *   group: import("aws-cdk-lib/aws-autoscaling").AutoScalingGroup,
 * }} props
 */
export function monitoring(scope, { balancer, group }) {
  group.scaleOnRequestCount("Load", {
    targetRequestsPerMinute: 3000,
    // What an instance needs from its start until it takes its share.
    estimatedInstanceWarmup: Duration.seconds(5),
  });

  const period = Duration.minutes(1);
  const failing = new Alarm(scope, "Failing", {
    alarmDescription: "More than 1 % of the requests of the last minute are answered with an error of the service.",
    metric: new MathExpression({
      label: "Failed requests (%)",
      expression: "100 * failed / requests",
      usingMetrics: {
        failed: balancer.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period }),
        requests: balancer.metrics.requestCount({ period }),
      },
      period,
    }),
    threshold: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });

  const happenings = new Stream(scope, "Happenings", { removalPolicy: RemovalPolicy.DESTROY });
  new Rule(scope, "Everything", {
    description: "All that AWS's services tell",
    eventPattern: { source: Match.prefix("aws.") },
    targets: [new KinesisStream(happenings)],
  });

  return { failing, happenings };
}
