import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
} from "@aws-sdk/client-codebuild";
import type { Build, CreateProjectCommandInput, StartBuildCommandInput } from "@aws-sdk/client-codebuild";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import { pack, unpack } from "./runner/archive.ts";

const serviceRole = "arn:aws:iam::000000000000:role/build";

/** A buildspec with these commands for its phases. */
export function spec(phases: Readonly<Record<string, unknown>>, more: object = {}): string {
  const written = Object.entries(phases).map(([name, phase]) => [
    name,
    Array.isArray(phase) ? { commands: phase } : phase,
  ]);
  return JSON.stringify({ version: "0.2", phases: Object.fromEntries(written) as unknown, ...more });
}

/** A cloud with a service role for builds and a bucket `bucket`, and what tests of builds do again and again. */
export async function startBuildCloud() {
  const cloud = await startTestCloud();
  const clients = {
    codebuild: cloud.client(CodeBuildClient),
    s3: cloud.client(S3Client),
    logs: cloud.client(CloudWatchLogsClient),
  };
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  await cloud
    .client(IAMClient)
    .send(new CreateRoleCommand({ RoleName: "build", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await clients.s3.send(new CreateBucketCommand({ Bucket: "bucket" }));

  const get = async (id: string): Promise<Build> =>
    (await clients.codebuild.send(new BatchGetBuildsCommand({ ids: [id] }))).builds?.[0] ?? {};
  const start = async (input: StartBuildCommandInput): Promise<string> =>
    (await clients.codebuild.send(new StartBuildCommand(input))).build?.id ?? "";
  const until = (id: string, fits: (build: Build) => boolean): Promise<Build> =>
    cloud.eventually(async () => {
      const build = await get(id);
      return fits(build) && build;
    });
  const ended = (id: string) => until(id, ({ buildComplete }) => buildComplete === true);

  return {
    cloud,
    clients,
    get,
    start,
    until,
    ended,
    createProject: (name: string, buildspec: string | undefined, more: Partial<CreateProjectCommandInput> = {}) =>
      clients.codebuild.send(
        new CreateProjectCommand({
          name,
          serviceRole,
          source: { type: "NO_SOURCE", buildspec },
          artifacts: { type: "NO_ARTIFACTS" },
          environment: {
            type: "LINUX_CONTAINER",
            image: "aws/codebuild/standard:7.0",
            computeType: "BUILD_GENERAL1_SMALL",
          },
          ...more,
        }),
      ),
    run: async (projectName: string, more: Partial<StartBuildCommandInput> = {}) =>
      ended(await start({ projectName, ...more })),
    /** The log's lines, without their times. */
    async log({ logs }: Build): Promise<string[]> {
      const { events = [] } = await clients.logs.send(
        new GetLogEventsCommand({
          logGroupName: logs?.groupName,
          logStreamName: logs?.streamName ?? "",
          startFromHead: true,
        }),
      );
      return events.map(({ message = "" }) =>
        message.replace(/^\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6}/, "[Container]").trimEnd(),
      );
    },
    /** Clients after a restart. */
    reconnect() {
      Object.assign(clients, {
        codebuild: cloud.client(CodeBuildClient),
        s3: cloud.client(S3Client),
        logs: cloud.client(CloudWatchLogsClient),
      });
    },
    put: async (Key: string, Body: string | Uint8Array) =>
      void (await clients.s3.send(new PutObjectCommand({ Bucket: "bucket", Key, Body }))),
    async text(Key: string): Promise<string> {
      const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: "bucket", Key }));
      return (await Body?.transformToString()) ?? "";
    },
    async keys(Prefix: string): Promise<(string | undefined)[]> {
      const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: "bucket", Prefix }));
      return Contents.map(({ Key }) => Key);
    },
    /** Puts files, packed into one archive. */
    putZip: (Key: string, files: Readonly<Record<string, string>>) =>
      withFolder(async (folder) => {
        for (const [name, content] of Object.entries(files)) {
          await mkdir(dirname(join(folder, name)), { recursive: true });
          await writeFile(join(folder, name), content);
        }
        await pack(
          Object.keys(files).map((name) => ({ name, path: join(folder, name) })),
          join(folder, "archive.zip"),
        );
        await clients.s3.send(
          new PutObjectCommand({ Bucket: "bucket", Key, Body: await readFile(join(folder, "archive.zip")) }),
        );
      }),
    /** The files in an archive. */
    readZip: (Key: string): Promise<Record<string, string>> =>
      withFolder(async (folder) => {
        const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: "bucket", Key }));
        await writeFile(join(folder, "archive.zip"), (await Body?.transformToByteArray()) ?? "");
        await mkdir(join(folder, "out"));
        await unpack(join(folder, "archive.zip"), join(folder, "out"));
        const found = (await readdir(join(folder, "out"), { recursive: true, withFileTypes: true })).filter((entry) =>
          entry.isFile(),
        );
        const paths = found.map(({ parentPath, name }) => join(parentPath, name));
        const named = paths.map(async (path): Promise<[string, string]> => [
          relative(join(folder, "out"), path),
          await readFile(path, "utf8"),
        ]);
        return Object.fromEntries(await Promise.all(named));
      }),
  };
}

export type BuildCloud = Awaited<ReturnType<typeof startBuildCloud>>;

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "trysail-builds-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
