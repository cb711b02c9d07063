import { PolicyStatement } from "aws-cdk-lib/aws-iam";

export interface WorkerPolicyProps {
  /** ARN of the bucket that rollouts are kept in. */
  readonly bucketArn: string;
  /** ARNs of the roles of fleets' instances and tasks: Auto Scaling and ECS are told to use them. */
  readonly fleetRoleArns: readonly string[];
  /** Names of the clusters that it may change. @defaultValue whatever has the tag `trysail:cluster` */
  readonly clusters?: readonly string[] | undefined;
}

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

interface Permission {
  /** For the table in the documentation. */
  readonly why: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Conditions;
}

/**
 * What a worker may do, and why: the least that AWS lets be told. What it makes carries the tag `trysail:cluster` from the start, and
 * where AWS can tell, it changes nothing that has not.
 *
 * An action is on anything where AWS has no way to limit it, or where it only reads: a worker must see others' to know its own.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export function workerPermissions(props: WorkerPolicyProps): readonly Permission[] {
  const tags: ByTag = { has: tagged("aws:ResourceTag", props), gets: tagged("aws:RequestTag", props) };
  return [
    ...pipelines,
    ...records(props),
    reading,
    ...autoScaling(tags),
    ...launches(tags),
    ...balancing(tags),
    ...ecs(tags),
    ...passing(props),
  ];
}

/** The policy of a worker's role. */
export const workerPolicy = (props: WorkerPolicyProps): readonly PolicyStatement[] =>
  workerPermissions(props).map(
    ({ actions, resources, conditions }) =>
      new PolicyStatement({
        actions: [...actions],
        resources: [...resources],
        ...(conditions === undefined ? {} : { conditions: { ...conditions } }),
      }),
  );

interface ByTag {
  /** The resource is of a cluster. */
  readonly has: Conditions;
  /** It is made as one of a cluster. */
  readonly gets: Conditions;
}

function tagged(of: "aws:ResourceTag" | "aws:RequestTag", { clusters }: WorkerPolicyProps): Conditions {
  const key = `${of}/trysail:cluster`;
  return clusters === undefined ? { Null: { [key]: "false" } } : { StringEquals: { [key]: clusters } };
}

/** Tags that may be changed later: never those that tell whose something is. */
const onlyTags = (...keys: readonly string[]): Conditions => ({ "ForAllValues:StringEquals": { "aws:TagKeys": keys } });

const pipelines: readonly Permission[] = [
  {
    why: "take the jobs of pipelines",
    actions: ["codepipeline:PollForJobs"],
    resources: ["arn:aws:codepipeline:*:*:actiontype:Custom/Deploy/Trysail/1"],
  },
  {
    why: "answer jobs",
    actions: ["codepipeline:AcknowledgeJob", "codepipeline:PutJobFailureResult", "codepipeline:PutJobSuccessResult"],
    resources: ["*"],
  },
];

function records({ bucketArn, clusters = ["*"] }: WorkerPolicyProps): readonly Permission[] {
  return [
    {
      why: "keep rollouts, their journals and reports",
      actions: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      resources: [`${bucketArn}/*`],
    },
    { why: "find the rollouts that go on", actions: ["s3:ListBucket"], resources: [bucketArn] },
    {
      why: "read fleets, and specs: CloudFormation names those of the CDK",
      actions: ["ssm:GetParameter"],
      resources: [
        ...clusters.map((cluster) => `arn:aws:ssm:*:*:parameter/trysail/fleets/${cluster}`),
        "arn:aws:ssm:*:*:parameter/trysail/specs/*",
        "arn:aws:ssm:*:*:parameter/CFN-*",
      ],
    },
    {
      why: "tell what happens",
      actions: ["events:PutEvents"],
      resources: ["arn:aws:events:*:*:event-bus/default"],
      // A call has several events.
      conditions: { "ForAllValues:StringEquals": { "events:source": "trysail.rollouts" } },
    },
  ];
}

const reading: Permission = {
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
};

function autoScaling({ has, gets }: ByTag): readonly Permission[] {
  const groups = "arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/";
  return [
    {
      why: "make server groups of Auto Scaling, of a certain version of a launch template: AWS checks that it may launch those only",
      actions: ["autoscaling:CreateAutoScalingGroup"],
      resources: [`${groups}*-v*`],
      conditions: { ...gets, Bool: { "autoscaling:LaunchTemplateVersionSpecified": "true" } },
    },
    {
      // AWS does not tell tags of a new group from those of an old one: what is not named like a server group is safe.
      why: "give new groups their tags",
      actions: ["autoscaling:CreateOrUpdateTags"],
      resources: [`${groups}*-v*`],
      conditions: gets,
    },
    {
      why: "mark the promoted one",
      actions: ["autoscaling:CreateOrUpdateTags"],
      resources: [`${groups}*`],
      conditions: { ...has, ...onlyTags("trysail:promoted") },
    },
    {
      why: "resize, attach, detach and delete server groups",
      actions: [
        "autoscaling:AttachLoadBalancerTargetGroups",
        "autoscaling:DeleteAutoScalingGroup",
        "autoscaling:DetachLoadBalancerTargetGroups",
        "autoscaling:UpdateAutoScalingGroup",
      ],
      resources: [`${groups}*`],
      conditions: has,
    },
    {
      why: "make an account's first group",
      actions: ["iam:CreateServiceLinkedRole"],
      resources: ["arn:aws:iam::*:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"],
      conditions: { StringEquals: { "iam:AWSServiceName": "autoscaling.amazonaws.com" } },
    },
  ];
}

function launches({ has }: ByTag): readonly Permission[] {
  const template = "arn:aws:ec2:*:*:launch-template/*";
  return [
    {
      why: "make a version of the fleet's launch template for each version, and delete it",
      actions: ["ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplateVersions"],
      resources: [template],
      conditions: has,
    },
    {
      why: "launch instances by a launch template: Auto Scaling checks that of who makes a group",
      actions: ["ec2:RunInstances"],
      resources: [template],
      conditions: has,
    },
    {
      why: "what instances are launched with, by a launch template only",
      actions: ["ec2:RunInstances"],
      resources: [
        "arn:aws:ec2:*::image/*",
        "arn:aws:ec2:*::snapshot/*",
        ...["capacity-reservation", "instance", "key-pair", "network-interface"].map(ofEc2),
        ...["placement-group", "security-group", "subnet", "volume"].map(ofEc2),
      ],
      conditions: { ArnLike: { "ec2:LaunchTemplate": template } },
    },
    {
      why: "give instances tags as they are launched",
      actions: ["ec2:CreateTags"],
      resources: ["instance", "network-interface", "volume"].map(ofEc2),
      conditions: { StringEquals: { "ec2:CreateAction": "RunInstances" } },
    },
  ];
}

const ofEc2 = (type: string): string => `arn:aws:ec2:*:*:${type}/*`;

function balancing({ has, gets }: ByTag): readonly Permission[] {
  const targetGroups = "arn:aws:elasticloadbalancing:*:*:targetgroup/*";
  return [
    {
      why: "register instances with target groups, and deregister them",
      actions: ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
      resources: [targetGroups],
      conditions: has,
    },
    {
      why: "make target groups of their own for groups with weights",
      actions: ["elasticloadbalancing:CreateTargetGroup"],
      resources: [targetGroups],
      conditions: gets,
    },
    {
      why: "give new target groups their tags",
      actions: ["elasticloadbalancing:AddTags"],
      resources: [targetGroups],
      conditions: { StringEquals: { "elasticloadbalancing:CreateAction": "CreateTargetGroup" } },
    },
    {
      why: "set such target groups up, and delete them",
      actions: ["elasticloadbalancing:DeleteTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes"],
      resources: [targetGroups],
      conditions: has,
    },
    {
      why: "set a listener's weights",
      actions: ["elasticloadbalancing:ModifyListener"],
      resources: ["arn:aws:elasticloadbalancing:*:*:listener/app/*"],
      conditions: has,
    },
    {
      why: "set a rule's weights",
      actions: ["elasticloadbalancing:ModifyRule"],
      resources: ["arn:aws:elasticloadbalancing:*:*:listener-rule/app/*"],
      conditions: has,
    },
  ];
}

function ecs({ has, gets }: ByTag): readonly Permission[] {
  const services = "arn:aws:ecs:*:*:service/*";
  const taskDefinitions = "arn:aws:ecs:*:*:task-definition/*";
  return [
    { why: "make server groups of ECS", actions: ["ecs:CreateService"], resources: [services], conditions: gets },
    {
      why: "make a revision of the fleet's task definition for each version",
      actions: ["ecs:RegisterTaskDefinition"],
      resources: [taskDefinitions],
      conditions: gets,
    },
    {
      why: "give new services and revisions their tags",
      actions: ["ecs:TagResource"],
      resources: [services, taskDefinitions],
      conditions: { StringEquals: { "ecs:CreateAction": ["CreateService", "RegisterTaskDefinition"] } },
    },
    {
      why: "mark the promoted service, and remember the limits of each one's size",
      actions: ["ecs:TagResource"],
      resources: [services],
      conditions: { ...has, ...onlyTags("trysail:max", "trysail:min", "trysail:promoted") },
    },
    {
      why: "resize and delete services",
      actions: ["ecs:DeleteService", "ecs:UpdateService"],
      resources: [services],
      conditions: has,
    },
    {
      why: "take revisions of task definitions out of use",
      actions: ["ecs:DeregisterTaskDefinition"],
      resources: ["*"],
    },
  ];
}

const passing = ({ fleetRoleArns }: WorkerPolicyProps): readonly Permission[] =>
  fleetRoleArns.length === 0
    ? []
    : [
        {
          why: "give instances and tasks the fleet's roles",
          actions: ["iam:PassRole"],
          resources: fleetRoleArns,
          conditions: { StringEquals: { "iam:PassedToService": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"] } },
        },
      ];
