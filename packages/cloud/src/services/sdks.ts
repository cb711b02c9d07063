/**
 * The SDK client package that types each service. Types only: nothing of the SDK is loaded at run time.
 *
 * The key is the service's id: the name that signatures carry.
 */
export interface ServiceSdks {
  "application-autoscaling": typeof import("@aws-sdk/client-application-auto-scaling");
  autoscaling: typeof import("@aws-sdk/client-auto-scaling");
  cloudformation: typeof import("@aws-sdk/client-cloudformation");
  codebuild: typeof import("@aws-sdk/client-codebuild");
  codecommit: typeof import("@aws-sdk/client-codecommit");
  codepipeline: typeof import("@aws-sdk/client-codepipeline");
  "codestar-connections": typeof import("@aws-sdk/client-codestar-connections");
  ec2: typeof import("@aws-sdk/client-ec2");
  ecr: typeof import("@aws-sdk/client-ecr");
  ecs: typeof import("@aws-sdk/client-ecs");
  elasticloadbalancing: typeof import("@aws-sdk/client-elastic-load-balancing-v2");
  events: typeof import("@aws-sdk/client-eventbridge");
  iam: typeof import("@aws-sdk/client-iam");
  kinesis: typeof import("@aws-sdk/client-kinesis");
  kms: typeof import("@aws-sdk/client-kms");
  lambda: typeof import("@aws-sdk/client-lambda");
  logs: typeof import("@aws-sdk/client-cloudwatch-logs");
  monitoring: typeof import("@aws-sdk/client-cloudwatch");
  s3: typeof import("@aws-sdk/client-s3");
  secretsmanager: typeof import("@aws-sdk/client-secrets-manager");
  sns: typeof import("@aws-sdk/client-sns");
  ssm: typeof import("@aws-sdk/client-ssm");
  sts: typeof import("@aws-sdk/client-sts");
}
