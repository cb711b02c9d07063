/** The roles that the CDK takes on, and the one that CloudFormation does. IAM does not weigh their policies: it keeps them. */

const sub = (template: string) => ({ "Fn::Sub": template });
const allow = (actions: readonly string[], resource: unknown) => ({
  Effect: "Allow",
  Action: actions,
  Resource: resource,
});
const policy = (...statements: readonly object[]) => ({ Version: "2012-10-17", Statement: statements });

/** Lets accounts take on a role: this one, and those that the parameters name. */
function trust(...trusted: readonly (readonly [condition: string, accounts: string])[]) {
  const statement = (action: string, accounts: string, more: object = {}) => ({
    Effect: "Allow",
    Action: action,
    Principal: { AWS: { Ref: accounts } },
    ...more,
  });
  const withoutExternalId = {
    Condition: { "Fn::If": ["ShouldDenyExternalId", { Null: { "sts:ExternalId": "true" } }, { Ref: "AWS::NoValue" }] },
  };
  return {
    Version: "2012-10-17",
    Statement: [
      statement("sts:AssumeRole", "AWS::AccountId", withoutExternalId),
      statement("sts:TagSession", "AWS::AccountId"),
      ...trusted.map(([condition, accounts]) => ({
        "Fn::If": [condition, statement("sts:AssumeRole", accounts, withoutExternalId), { Ref: "AWS::NoValue" }],
      })),
    ],
  };
}

const boundary = {
  "Fn::If": [
    "ShouldApplyPermissionsBoundaryToAllRoles",
    sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${InputPermissionsBoundary}"),
    { Ref: "AWS::NoValue" },
  ],
};
const trustedAccounts = ["HasTrustedAccounts", "TrustedAccounts"] as const;

function role(name: string, assumedBy: object, more: object) {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: sub(`cdk-\${Qualifier}-${name}-role-\${AWS::AccountId}-\${AWS::Region}`),
      AssumeRolePolicyDocument: assumedBy,
      PermissionsBoundary: boundary,
      ...more,
    },
  };
}

const named = (name: string) => [{ Key: "aws-cdk:bootstrap-role", Value: name }];

function inlinePolicy(name: string, roleId: string, document: object) {
  return {
    Type: "AWS::IAM::Policy",
    Properties: {
      PolicyName: sub(`cdk-\${Qualifier}-${name}-role-default-policy-\${AWS::AccountId}-\${AWS::Region}`),
      Roles: [{ Ref: roleId }],
      PolicyDocument: document,
    },
  };
}

const bucketAndObjects = [sub("${StagingBucket.Arn}"), sub("${StagingBucket.Arn}/*")];
const keyUse = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"];

export const roles = {
  FilePublishingRole: role("file-publishing", trust(trustedAccounts), { Tags: named("file-publishing") }),
  FilePublishingRoleDefaultPolicy: inlinePolicy(
    "file-publishing",
    "FilePublishingRole",
    policy(
      allow(
        [
          "s3:GetObject*",
          "s3:GetBucket*",
          "s3:GetEncryptionConfiguration",
          "s3:List*",
          "s3:DeleteObject*",
          "s3:PutObject*",
          "s3:Abort*",
        ],
        bucketAndObjects,
      ),
      allow(keyUse, "*"),
    ),
  ),
  ImagePublishingRole: role("image-publishing", trust(trustedAccounts), { Tags: named("image-publishing") }),
  ImagePublishingRoleDefaultPolicy: inlinePolicy(
    "image-publishing",
    "ImagePublishingRole",
    policy(
      allow(
        [
          "ecr:PutImage",
          "ecr:InitiateLayerUpload",
          "ecr:UploadLayerPart",
          "ecr:CompleteLayerUpload",
          "ecr:BatchCheckLayerAvailability",
          "ecr:DescribeRepositories",
          "ecr:DescribeImages",
          "ecr:BatchGetImage",
          "ecr:GetDownloadUrlForLayer",
        ],
        sub("${ContainerAssetsRepository.Arn}"),
      ),
      allow(["ecr:GetAuthorizationToken"], "*"),
    ),
  ),
  LookupRole: role("lookup", trust(["HasTrustedAccountsForLookup", "TrustedAccountsForLookup"], trustedAccounts), {
    ManagedPolicyArns: [sub("arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess")],
    Policies: [
      {
        PolicyName: "LookupRolePolicy",
        PolicyDocument: policy({ Effect: "Deny", Action: ["kms:Decrypt"], Resource: "*" }),
      },
    ],
    Tags: named("lookup"),
  }),
  DeploymentActionRole: role("deploy", trust(trustedAccounts), {
    ManagedPolicyArns: [sub("arn:${AWS::Partition}:iam::aws:policy/AWSCloudFormationReadOnlyAccess")],
    Policies: [
      {
        PolicyName: "default",
        PolicyDocument: policy(
          allow(["cloudformation:*", "sts:GetCallerIdentity"], "*"),
          allow(["s3:GetObject*", "s3:GetBucket*", "s3:List*", "s3:Abort*", "s3:DeleteObject*", "s3:PutObject*"], "*"),
          allow(keyUse, "*"),
          allow(["iam:PassRole"], sub("${CloudFormationExecutionRole.Arn}")),
          allow(
            ["ssm:GetParameter", "ssm:GetParameters"],
            sub("arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${CdkBootstrapVersion}"),
          ),
        ),
      },
    ],
    Tags: named("deploy"),
  }),
  CloudFormationExecutionRole: role(
    "cfn-exec",
    policy({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "cloudformation.amazonaws.com" } }),
    {
      ManagedPolicyArns: {
        "Fn::If": [
          "HasCloudFormationExecutionPolicies",
          { Ref: "CloudFormationExecutionPolicies" },
          [sub("arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess")],
        ],
      },
      PermissionsBoundary: {
        "Fn::If": [
          "PermissionsBoundarySet",
          sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${InputPermissionsBoundary}"),
          { Ref: "AWS::NoValue" },
        ],
      },
    },
  ),
};
