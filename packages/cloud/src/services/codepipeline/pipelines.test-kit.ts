import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  CodePipelineClient,
  CreatePipelineCommand,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
} from "@aws-sdk/client-codepipeline";
import type {
  ActionDeclaration,
  ActionState,
  PipelineDeclaration,
  StageDeclaration,
} from "@aws-sdk/client-codepipeline";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { zipOf } from "./archive.ts";

/** A cloud with roles `pipeline` and `build`, an artifact bucket `store`, a versioned bucket `code` and a bucket `site`. */
export interface PipelineWorld {
  readonly cloud: TestCloud;
  pipelines: CodePipelineClient;
  s3: S3Client;
  /** Makes new clients, after a restart. */
  connect(): void;
  upload(files: Readonly<Record<string, string>>, key?: string): Promise<string | undefined>;
  read(bucket: string, key: string): Promise<{ readonly text: string | undefined; readonly type: string | undefined }>;
  create(name: string, stages: readonly StageDeclaration[], rest?: Partial<PipelineDeclaration>): Promise<void>;
  action(pipeline: string, action: string): Promise<ActionState["latestExecution"]>;
  /** Waits until the action's latest run has that status. */
  until(pipeline: string, action: string, status: string): Promise<NonNullable<ActionState["latestExecution"]>>;
  /** Waits until an execution has ended. @returns its status */
  ended(pipeline: string, execution: string | undefined): Promise<string>;
  /** The latest execution to have entered the pipeline's first stage. */
  latest(pipeline: string): Promise<string>;
}

export const source: ActionDeclaration = {
  name: "Pull",
  actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
  configuration: { S3Bucket: "code", S3ObjectKey: "code.zip" },
  outputArtifacts: [{ name: "Code" }],
  namespace: "Src",
};
export const deploy: ActionDeclaration = {
  name: "Deploy",
  actionTypeId: { category: "Deploy", owner: "AWS", provider: "S3", version: "1" },
  configuration: { BucketName: "site", Extract: "true" },
  inputArtifacts: [{ name: "Code" }],
};
export const approve: ActionDeclaration = {
  name: "Approve",
  actionTypeId: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" },
};

/** @param options.ticks - moves the clock with each look at a pipeline, for what looks again after a while */
export async function startPipelineWorld(options: { readonly ticks?: boolean } = {}): Promise<PipelineWorld> {
  const cloud = await startTestCloud();
  const tick = () => (options.ticks === true ? cloud.clock.advance({ ms: 100 }) : Promise.resolve());
  const clients = () => ({ pipelines: cloud.client(CodePipelineClient), s3: cloud.client(S3Client) });
  const world: PipelineWorld = {
    cloud,
    ...clients(),
    connect() {
      Object.assign(world, clients());
    },
    async upload(files, key = "code.zip") {
      return (await world.s3.send(new PutObjectCommand({ Bucket: "code", Key: key, Body: await zipOf(files) })))
        .VersionId;
    },
    async read(Bucket, Key) {
      const { Body, ContentType } = await world.s3.send(new GetObjectCommand({ Bucket, Key }));
      return { text: await Body?.transformToString(), type: ContentType };
    },
    async create(name, stages, rest = {}) {
      const pipeline: PipelineDeclaration = {
        name,
        roleArn: "arn:aws:iam::000000000000:role/pipeline",
        artifactStore: { type: "S3", location: "store" },
        pipelineType: "V2",
        stages: [...stages],
        ...rest,
      };
      await world.pipelines.send(new CreatePipelineCommand({ pipeline }));
    },
    async action(name, action) {
      const { stageStates = [] } = await world.pipelines.send(new GetPipelineStateCommand({ name }));
      return stageStates
        .flatMap(({ actionStates = [] }) => actionStates)
        .find(({ actionName }) => actionName === action)?.latestExecution;
    },
    until: (pipeline, action, status) =>
      cloud.eventually(async () => {
        await tick();
        const state = await world.action(pipeline, action);
        return state?.status === status && state;
      }),
    ended: (pipelineName, pipelineExecutionId) =>
      cloud.eventually(async () => {
        await tick();
        const { pipelineExecution } = await world.pipelines.send(
          new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId }),
        );
        const status = pipelineExecution?.status;
        return status !== "InProgress" && status !== "Stopping" && status;
      }),
    async latest(name) {
      const { stageStates = [] } = await world.pipelines.send(new GetPipelineStateCommand({ name }));
      return stageStates[0]?.latestExecution?.pipelineExecutionId ?? "";
    },
  };
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "codepipeline.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  for (const RoleName of ["pipeline", "build"]) {
    await cloud
      .client(IAMClient)
      .send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  }
  for (const Bucket of ["store", "code", "site"]) await world.s3.send(new CreateBucketCommand({ Bucket }));
  await world.s3.send(
    new PutBucketVersioningCommand({ Bucket: "code", VersioningConfiguration: { Status: "Enabled" } }),
  );
  return world;
}
