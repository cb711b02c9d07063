import type { TypeId } from "./definition.ts";

/** A key of an action's configuration. */
export interface ConfigurationKey {
  readonly required?: boolean;
  /** Shown as asterisks once it has been given. */
  readonly secret?: boolean;
  /** Of custom actions: `key` and `queryable` as CreateCustomActionType declares them. */
  readonly key?: boolean;
  readonly queryable?: boolean;
  /** The only values that it may have; a reference to a variable is let pass. */
  readonly values?: readonly string[];
}

/** What is known of an action type. */
export interface ActionTypeFacts {
  readonly id: TypeId;
  /** How many input artifacts: at least, at most. */
  readonly inputs: readonly [minimum: number, maximum: number];
  readonly outputs: readonly [minimum: number, maximum: number];
  readonly configuration: Readonly<Record<string, ConfigurationKey>>;
  readonly timeoutMinutes: number;
}

const required: ConfigurationKey = { required: true };
const optional: ConfigurationKey = {};
const trueOrFalse: ConfigurationKey = { values: ["true", "false"] };
const outputFormat: ConfigurationKey = { values: ["CODE_ZIP", "CODEBUILD_CLONE_REF"] };

const hourMinutes = 60;
const dayMinutes = 24 * hourMinutes;

const build = (category: "Build" | "Test", timeoutMinutes: number): ActionTypeFacts => ({
  id: { category, owner: "AWS", provider: "CodeBuild", version: "1" },
  inputs: [1, 5],
  outputs: [0, 5],
  configuration: {
    ProjectName: { required: true },
    PrimarySource: optional,
    EnvironmentVariables: optional,
    BatchEnabled: trueOrFalse,
    CombineArtifacts: trueOrFalse,
  },
  timeoutMinutes,
});

/** The forms of the ActionMode of a CloudFormation action. */
export const stackActionModes = [
  "CREATE_UPDATE",
  "DELETE_ONLY",
  "REPLACE_ON_FAILURE",
  "CHANGE_SET_REPLACE",
  "CHANGE_SET_EXECUTE",
] as const;
export type StackActionMode = (typeof stackActionModes)[number];

/**
 * The action types that Trysail has. Any other is refused when a pipeline is created.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html for the timeouts
 */
export const actionTypes: readonly ActionTypeFacts[] = [
  {
    id: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
    inputs: [0, 0],
    outputs: [1, 1],
    configuration: {
      S3Bucket: required,
      S3ObjectKey: required,
      PollForSourceChanges: trueOrFalse,
      AllowOverrideForS3ObjectKey: trueOrFalse,
    },
    timeoutMinutes: hourMinutes,
  },
  {
    id: { category: "Source", owner: "AWS", provider: "CodeCommit", version: "1" },
    inputs: [0, 0],
    outputs: [1, 1],
    configuration: {
      RepositoryName: required,
      BranchName: required,
      PollForSourceChanges: trueOrFalse,
      OutputArtifactFormat: outputFormat,
    },
    timeoutMinutes: hourMinutes,
  },
  {
    id: { category: "Source", owner: "AWS", provider: "CodeStarSourceConnection", version: "1" },
    inputs: [0, 0],
    outputs: [1, 1],
    configuration: {
      ConnectionArn: required,
      FullRepositoryId: required,
      BranchName: required,
      DetectChanges: trueOrFalse,
      OutputArtifactFormat: outputFormat,
    },
    timeoutMinutes: hourMinutes,
  },
  {
    id: { category: "Source", owner: "ThirdParty", provider: "GitHub", version: "1" },
    inputs: [0, 0],
    outputs: [1, 1],
    configuration: {
      Owner: required,
      Repo: required,
      Branch: required,
      OAuthToken: { required: true, secret: true },
      PollForSourceChanges: trueOrFalse,
    },
    timeoutMinutes: hourMinutes,
  },
  build("Build", 36 * hourMinutes),
  build("Test", 8 * hourMinutes),
  {
    id: { category: "Compute", owner: "AWS", provider: "Commands", version: "1" },
    inputs: [1, 10],
    outputs: [0, 1],
    configuration: { PrimarySource: optional, EnvironmentType: optional, ComputeType: optional, Image: optional },
    timeoutMinutes: 55,
  },
  {
    id: { category: "Deploy", owner: "AWS", provider: "S3", version: "1" },
    inputs: [1, 1],
    outputs: [0, 0],
    configuration: {
      BucketName: required,
      Extract: { required: true, values: ["true", "false"] },
      ObjectKey: optional,
      KMSEncryptionKeyARN: optional,
      CannedACL: optional,
      CacheControl: optional,
    },
    timeoutMinutes: 90,
  },
  {
    id: { category: "Deploy", owner: "AWS", provider: "CloudFormation", version: "1" },
    inputs: [0, 10],
    outputs: [0, 1],
    configuration: {
      ActionMode: { required: true, values: stackActionModes },
      StackName: required,
      Capabilities: optional,
      ChangeSetName: optional,
      RoleArn: optional,
      TemplatePath: optional,
      TemplateConfiguration: optional,
      ParameterOverrides: optional,
      OutputFileName: optional,
    },
    timeoutMinutes: 3 * dayMinutes,
  },
  {
    id: { category: "Deploy", owner: "AWS", provider: "ECS", version: "1" },
    inputs: [1, 1],
    outputs: [0, 0],
    configuration: { ClusterName: required, ServiceName: required, FileName: optional, DeploymentTimeout: optional },
    timeoutMinutes: hourMinutes,
  },
  {
    id: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" },
    inputs: [0, 0],
    outputs: [0, 0],
    configuration: { CustomData: optional, ExternalEntityLink: optional, NotificationArn: optional },
    timeoutMinutes: 7 * dayMinutes,
  },
  {
    id: { category: "Invoke", owner: "AWS", provider: "CodePipeline", version: "1" },
    inputs: [0, 0],
    outputs: [0, 0],
    configuration: { PipelineName: required, SourceRevisions: optional, Variables: optional },
    timeoutMinutes: 7 * dayMinutes,
  },
  {
    id: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
    inputs: [0, 5],
    outputs: [0, 5],
    configuration: { FunctionName: required, UserParameters: optional },
    timeoutMinutes: dayMinutes,
  },
];

/** Custom jobs that nobody finishes. */
export const customActionTimeoutMinutes = dayMinutes;

export function actionTypeKey({ category, owner, provider, version }: TypeId): string {
  return `${category}/${owner}/${provider}/${version}`;
}

const byKey = new Map(actionTypes.map((facts) => [actionTypeKey(facts.id), facts]));

/** The facts of one of AWS's own types. */
export function actionType(id: TypeId): ActionTypeFacts | undefined {
  return byKey.get(actionTypeKey(id));
}

/** What the API shows of a secret. */
export const masked = "****";

/** A configuration as it may be shown. */
export function withoutSecrets(
  facts: ActionTypeFacts | undefined,
  configuration: Readonly<Record<string, string>> | undefined,
): Record<string, string> | undefined {
  if (configuration === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(configuration).map(([key, value]) => [
      key,
      facts?.configuration[key]?.secret === true ? masked : value,
    ]),
  );
}
