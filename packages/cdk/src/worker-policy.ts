import { PolicyStatement } from "aws-cdk-lib/aws-iam";

export interface WorkerPolicyProps {
  /** ARN of the bucket that rollouts are kept in. */
  readonly bucketArn: string;
  /** ARNs of the roles of fleets' instances and tasks: Auto Scaling and ECS are told to use them. */
  readonly fleetRoleArns: readonly string[];
}

interface Permission {
  /** For the table in the documentation. */
  readonly why: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * What a worker may do, and why. Each action is called by a rollout; some could be limited to fewer resources yet. Auto Scaling's, EC2's and Elastic Load Balancing's
 * reading calls cannot be limited to resources.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export function workerPermissions({ bucketArn, fleetRoleArns }: WorkerPolicyProps): readonly Permission[] {
  const ours = { Null: { "aws:ResourceTag/trysail:cluster": "false" } };
  const made = { Null: { "aws:RequestTag/trysail:cluster": "false" } };
  return [
    {
      why: "take the jobs of pipelines, and answer them",
      actions: ["PollForJobs", "AcknowledgeJob", "PutJobSuccessResult", "PutJobFailureResult"].map(
        (one) => `codepipeline:${one}`,
      ),
      resources: ["*"],
    },
    {
      why: "keep rollouts, their journals and reports",
      actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      resources: [`${bucketArn}/*`],
    },
    { why: "find the rollouts that go on", actions: ["s3:ListBucket"], resources: [bucketArn] },
    {
      why: "read specs and fleets",
      actions: ["ssm:GetParameter"],
      resources: ["arn:aws:ssm:*:*:parameter/trysail/*", "arn:aws:ssm:*:*:parameter/CFN-*"],
    },
    { why: "tell what happens", actions: ["events:PutEvents"], resources: ["arn:aws:events:*:*:event-bus/default"] },
    {
      why: "see groups, targets, alarms and metrics",
      actions: [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeScalingActivities",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "ec2:DescribeLaunchTemplateVersions",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:DescribeTasks",
        "ecs:ListServices",
        "ecs:ListTaskDefinitions",
        "ecs:ListTasks",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
      ],
      resources: ["*"],
    },
    {
      why: "make server groups of Auto Scaling, which carry the cluster's tag",
      actions: ["autoscaling:CreateAutoScalingGroup", "autoscaling:CreateOrUpdateTags"],
      resources: ["*"],
      conditions: made,
    },
    {
      why: "resize, attach, detach and delete those that carry it",
      actions: [
        "autoscaling:AttachLoadBalancerTargetGroups",
        "autoscaling:DeleteAutoScalingGroup",
        "autoscaling:DetachLoadBalancerTargetGroups",
        "autoscaling:UpdateAutoScalingGroup",
      ],
      resources: ["*"],
      conditions: ours,
    },
    {
      why: "mark the promoted one",
      actions: ["autoscaling:CreateOrUpdateTags"],
      resources: ["*"],
      conditions: ours,
    },
    {
      why: "make a version of the fleet's launch template for each version, and delete it",
      actions: ["ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplateVersions"],
      resources: ["arn:aws:ec2:*:*:launch-template/*"],
      conditions: ours,
    },
    {
      why: "launch instances: Auto Scaling checks it of who names a launch template",
      actions: ["ec2:RunInstances", "ec2:CreateTags"],
      resources: ["*"],
    },
    {
      why: "register instances with target groups, and deregister them",
      actions: ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
      resources: ["arn:aws:elasticloadbalancing:*:*:targetgroup/*"],
      conditions: ours,
    },
    {
      why: "make target groups of their own for groups with weights, and delete them",
      actions: [
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:CreateTargetGroup",
        "elasticloadbalancing:DeleteTargetGroup",
        "elasticloadbalancing:ModifyTargetGroupAttributes",
      ],
      resources: ["arn:aws:elasticloadbalancing:*:*:targetgroup/*"],
    },
    {
      why: "set weights",
      actions: ["elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"],
      resources: [
        "arn:aws:elasticloadbalancing:*:*:listener/app/*",
        "arn:aws:elasticloadbalancing:*:*:listener-rule/app/*",
      ],
    },
    {
      why: "make, resize and delete server groups of ECS",
      actions: [
        "ecs:CreateService",
        "ecs:DeleteService",
        "ecs:DeregisterTaskDefinition",
        "ecs:RegisterTaskDefinition",
        "ecs:TagResource",
        "ecs:UpdateService",
      ],
      resources: ["*"],
    },
    ...(fleetRoleArns.length === 0
      ? []
      : [
          {
            why: "give instances and tasks the fleet's role",
            actions: ["iam:PassRole"],
            resources: fleetRoleArns,
          },
        ]),
  ];
}

/** The policy of a worker's role: only actions that a worker calls. */
export const workerPolicy = (props: WorkerPolicyProps): readonly PolicyStatement[] =>
  workerPermissions(props).map(
    ({ actions, resources, conditions }) =>
      new PolicyStatement({
        actions: [...actions],
        resources: [...resources],
        ...(conditions === undefined ? {} : { conditions: { ...conditions } }),
      }),
  );
