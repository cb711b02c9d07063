import { roles } from "./roles.ts";

/** What `cdk bootstrap` calls the version of its resources that these are equal to. */
export const bootstrapVersion = 33;

const yesOrNo = (fallback: "true" | "false") => ({
  Type: "String",
  Default: fallback,
  AllowedValues: ["true", "false"],
});
const text = (Default = "") => ({ Type: "String", Default });
const list = { Type: "CommaDelimitedList", Default: "" };

const sub = (template: string) => ({ "Fn::Sub": template });
const ref = (name: string) => ({ Ref: name });
const choose = (condition: string, whenTrue: unknown, whenFalse: unknown = ref("AWS::NoValue")) => ({
  "Fn::If": [condition, whenTrue, whenFalse],
});
const equals = (a: unknown, b: unknown) => ({ "Fn::Equals": [a, b] });
const not = (condition: unknown) => ({ "Fn::Not": [condition] });
const isGiven = (parameter: string) => not(equals("", ref(parameter)));
const isListGiven = (parameter: string) => not(equals("", { "Fn::Join": ["", ref(parameter)] }));

/**
 * What a region needs before the CDK can deploy into it. Parameters, logical ids, names and outputs are those of
 * `cdk bootstrap`, so that running it over this changes the stack instead of failing.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
export const bootstrapTemplate = {
  Description: "What the AWS CDK needs to deploy into this region. Made by Trysail.",
  Parameters: {
    TrustedAccounts: list,
    TrustedAccountsForLookup: list,
    CloudFormationExecutionPolicies: list,
    FileAssetsBucketName: text(),
    FileAssetsBucketKmsKeyId: text(),
    ContainerAssetsRepositoryName: text(),
    Qualifier: {
      ...text("hnb659fds"),
      AllowedPattern: "[A-Za-z0-9_-]{1,10}",
      ConstraintDescription: "A qualifier has at most ten letters, digits, hyphens and underscores",
    },
    PublicAccessBlockConfiguration: yesOrNo("true"),
    InputPermissionsBoundary: text(),
    UseExamplePermissionsBoundary: yesOrNo("false"),
    ApplyPermissionsBoundaryToAllRoles: yesOrNo("false"),
    // The CLI refuses to replace a variant by another one; this is the name of its own.
    BootstrapVariant: text("AWS CDK: Default Resources"),
    DenyExternalId: yesOrNo("true"),
  },
  Conditions: {
    HasTrustedAccounts: isListGiven("TrustedAccounts"),
    HasTrustedAccountsForLookup: isListGiven("TrustedAccountsForLookup"),
    HasCloudFormationExecutionPolicies: isListGiven("CloudFormationExecutionPolicies"),
    HasCustomFileAssetsBucketName: isGiven("FileAssetsBucketName"),
    HasCustomContainerAssetsRepositoryName: isGiven("ContainerAssetsRepositoryName"),
    CreateNewKey: equals("", ref("FileAssetsBucketKmsKeyId")),
    UseAwsManagedKey: equals("AWS_MANAGED_KEY", ref("FileAssetsBucketKmsKeyId")),
    PermissionsBoundarySet: isGiven("InputPermissionsBoundary"),
    ShouldApplyPermissionsBoundaryToAllRoles: {
      "Fn::And": [{ Condition: "PermissionsBoundarySet" }, equals("true", ref("ApplyPermissionsBoundaryToAllRoles"))],
    },
    UsePublicAccessBlockConfiguration: equals("true", ref("PublicAccessBlockConfiguration")),
    ShouldDenyExternalId: equals("true", ref("DenyExternalId")),
  },
  Resources: {
    FileAssetsBucketEncryptionKey: {
      Type: "AWS::KMS::Key",
      Condition: "CreateNewKey",
      DeletionPolicy: "Delete",
      UpdateReplacePolicy: "Delete",
      Properties: {
        KeyPolicy: {
          Statement: [{ Effect: "Allow", Principal: { AWS: ref("AWS::AccountId") }, Action: "kms:*", Resource: "*" }],
        },
      },
    },
    FileAssetsBucketEncryptionKeyAlias: {
      Type: "AWS::KMS::Alias",
      Condition: "CreateNewKey",
      Properties: {
        AliasName: sub("alias/cdk-${Qualifier}-assets-key"),
        TargetKeyId: ref("FileAssetsBucketEncryptionKey"),
      },
    },
    StagingBucket: {
      Type: "AWS::S3::Bucket",
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: {
        BucketName: choose(
          "HasCustomFileAssetsBucketName",
          ref("FileAssetsBucketName"),
          sub("cdk-${Qualifier}-assets-${AWS::AccountId}-${AWS::Region}"),
        ),
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: "aws:kms",
                KMSMasterKeyID: choose(
                  "CreateNewKey",
                  sub("${FileAssetsBucketEncryptionKey.Arn}"),
                  choose("UseAwsManagedKey", ref("AWS::NoValue"), ref("FileAssetsBucketKmsKeyId")),
                ),
              },
            },
          ],
        },
        PublicAccessBlockConfiguration: choose("UsePublicAccessBlockConfiguration", {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        }),
        VersioningConfiguration: { Status: "Enabled" },
      },
    },
    StagingBucketPolicy: {
      Type: "AWS::S3::BucketPolicy",
      Properties: {
        Bucket: ref("StagingBucket"),
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "SecureTransportOnly",
              Effect: "Deny",
              Principal: "*",
              Action: "s3:*",
              Resource: [sub("${StagingBucket.Arn}"), sub("${StagingBucket.Arn}/*")],
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
          ],
        },
      },
    },
    ContainerAssetsRepository: {
      Type: "AWS::ECR::Repository",
      Properties: {
        RepositoryName: choose(
          "HasCustomContainerAssetsRepositoryName",
          ref("ContainerAssetsRepositoryName"),
          sub("cdk-${Qualifier}-container-assets-${AWS::AccountId}-${AWS::Region}"),
        ),
        ImageTagMutability: "IMMUTABLE",
      },
    },
    ...roles,
    CdkBootstrapVersion: {
      Type: "AWS::SSM::Parameter",
      Properties: { Type: "String", Name: sub("/cdk-bootstrap/${Qualifier}/version"), Value: String(bootstrapVersion) },
    },
  },
  Outputs: {
    BucketName: { Value: ref("StagingBucket") },
    BucketDomainName: { Value: sub("${StagingBucket.RegionalDomainName}") },
    FileAssetKeyArn: {
      Value: choose("CreateNewKey", sub("${FileAssetsBucketEncryptionKey.Arn}"), ref("FileAssetsBucketKmsKeyId")),
      Export: { Name: sub("CdkBootstrap-${Qualifier}-FileAssetKeyArn") },
    },
    ImageRepositoryName: { Value: ref("ContainerAssetsRepository") },
    BootstrapVersion: { Value: String(bootstrapVersion) },
  },
};
