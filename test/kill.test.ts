import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  RetryBuildCommand,
  StartBuildCommand,
} from "@aws-sdk/client-codebuild";
import {
  CodePipelineClient,
  CreatePipelineCommand,
  GetPipelineExecutionCommand,
  ListPipelineExecutionsCommand,
  StartPipelineExecutionCommand,
} from "@aws-sdk/client-codepipeline";
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const cli = join(import.meta.dirname, "../packages/trysail/bin/trysail.js");
const rounds = 20;

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** A zip archive without entries. */
const emptyZip = Buffer.from("504b0506000000000000000000000000000000000000", "hex");

let data: string;
let newest: ChildProcess | undefined;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "trysail-kill-"));
});
afterAll(async () => {
  // Where the test failed half-way.
  newest?.kill("SIGKILL");
  for (const folder of [data, `${data}-copy`]) await rm(folder, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly endpoint: string;
}

async function start(): Promise<Running> {
  const child = spawn(process.execPath, [cli, "up", "--port", "0", "--data", data, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  newest = child;
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { child, endpoint: (JSON.parse(line) as { endpoint: string }).endpoint };
}

function clientsOf(endpoint: string) {
  const config = {
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  return {
    s3: new S3Client({ ...config, forcePathStyle: true }),
    secrets: new SecretsManagerClient(config),
    stacks: new CloudFormationClient(config),
    pipelines: new CodePipelineClient(config),
    builds: new CodeBuildClient(config),
    iam: new IAMClient(config),
    streams: new KinesisClient(config),
  };
}
type Clients = ReturnType<typeof clientsOf>;

/** What was acknowledged, and must be there for ever after. */
interface Acknowledged {
  readonly objects: Map<string, number>;
  readonly secrets: Map<string, string>;
  readonly stacks: Set<string>;
  readonly executions: Set<string>;
  readonly builds: Set<string>;
  readonly commits: Set<string>;
  /** Texts of records by their shard and sequence number, in the order in which they were put. */
  readonly records: Map<string, string>;
}

const template = (value: string) =>
  JSON.stringify({ Resources: { P: { Type: "AWS::SSM::Parameter", Properties: { Type: "String", Value: value } } } });

/** Goes on until its Trysail is killed; then the call under way fails, and it stops. */
async function untilKilled(work: (n: number) => Promise<void>): Promise<void> {
  try {
    for (let n = 0; ; n++) await work(n);
  } catch {
    // The connection was cut: what it asked for was not acknowledged.
  }
}

/** Partition keys, several to a shard. */
const keys = ["a", "b", "c", "d", "e"];
const placeOf = (shard = "", sequence = "") => `${shard}:${sequence}`;

/** Puts texts that begin with their partition keys. @returns where each of them is */
async function putTexts(streams: KinesisClient, texts: readonly string[]): Promise<readonly string[]> {
  const [first = "", ...others] = texts;
  const entries = texts.map((text) => ({ PartitionKey: text[0], Data: Buffer.from(text) }));
  if (others.length > 0) {
    const { Records = [] } = await streams.send(new PutRecordsCommand({ StreamName: "kill", Records: entries }));
    return Records.map(({ ShardId, SequenceNumber }) => placeOf(ShardId, SequenceNumber));
  }
  const { ShardId, SequenceNumber } = await streams.send(
    new PutRecordCommand({ StreamName: "kill", PartitionKey: first[0], Data: Buffer.from(first) }),
  );
  return [placeOf(ShardId, SequenceNumber)];
}

async function workload(
  { endpoint }: Running,
  clients: Clients,
  round: number,
  acknowledged: Acknowledged,
  tell: () => void,
): Promise<void> {
  const { s3, secrets, stacks, pipelines, builds, streams } = clients;
  const copy = `${data}-copy`;
  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], {
      cwd: copy,
      env: { PATH: process.env["PATH"], HOME: copy, GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" },
    });
  await mkdir(copy, { recursive: true });
  if (round === 0) await git("init", "--quiet", "--initial-branch=main");
  await Promise.all([
    untilKilled(async (n) => {
      const size = n % 3 === 0 ? 300_000 : 700;
      await s3.send(
        new PutObjectCommand({ Bucket: "kill", Key: `${round}/${n}`, Body: Buffer.alloc(size, String(n)) }),
      );
      acknowledged.objects.set(`${round}/${n}`, size);
      tell();
    }),
    untilKilled(async (n) => {
      await secrets.send(new CreateSecretCommand({ Name: `${round}/${n}`, SecretString: `value ${n}` }));
      acknowledged.secrets.set(`${round}/${n}`, `value ${n}`);
      tell();
    }),
    untilKilled(async (n) => {
      const { StackId = "" } = await stacks.send(
        new CreateStackCommand({ StackName: `s${round}-${n}`, TemplateBody: template(`${n}`) }),
      );
      acknowledged.stacks.add(StackId);
      tell();
    }),
    untilKilled(async () => {
      const { pipelineExecutionId = "" } = await pipelines.send(new StartPipelineExecutionCommand({ name: "kill" }));
      acknowledged.executions.add(pipelineExecutionId);
      tell();
    }),
    untilKilled(async () => {
      const { build } = await builds.send(new StartBuildCommand({ projectName: "kill" }));
      acknowledged.builds.add(build?.id ?? "");
      tell();
    }),
    untilKilled(async (n) => {
      const texts = Array.from(
        { length: (n % 3) + 1 },
        (_, at) => `${keys[(n + at) % keys.length]} ${round}/${n}/${at}`,
      );
      const places = await putTexts(streams, texts);
      places.forEach((place, at) => acknowledged.records.set(place, texts[at] ?? ""));
      tell();
    }),
    untilKilled(async (n) => {
      await writeFile(join(copy, `${round}-${n}`), String(n));
      await git("add", ".");
      await git("commit", "--quiet", "--message", `${round}/${n}`);
      const { stdout } = await git("rev-parse", "HEAD");
      await git("push", "--quiet", `${endpoint}/git/acme/kill.git`, "main");
      acknowledged.commits.add(stdout.trim());
      tell();
    }),
  ]);
}

async function setUp(endpoint: string, { s3, pipelines, builds, iam, streams }: Clients): Promise<void> {
  await streams.send(new CreateStreamCommand({ StreamName: "kill", ShardCount: 2 }));
  await iam.send(new CreateRoleCommand({ RoleName: "kill", AssumeRolePolicyDocument: trust }));
  await s3.send(new CreateBucketCommand({ Bucket: "kill" }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: "kill", VersioningConfiguration: { Status: "Enabled" } }));
  await s3.send(new PutObjectCommand({ Bucket: "kill", Key: "source.zip", Body: emptyZip }));
  await fetch(`${endpoint}/_trysail/repositories`, { method: "POST", body: JSON.stringify({ name: "acme/kill" }) });
  // Two hidden processes, one of which leaves the session: neither may outlive its build.
  const buildspec = "version: 0.2\nphases:\n  build:\n    commands:\n      - setsid sleep 1000 &\n      - sleep 0.2\n";
  await builds.send(
    new CreateProjectCommand({
      name: "kill",
      source: { type: "NO_SOURCE", buildspec },
      artifacts: { type: "NO_ARTIFACTS" },
      environment: {
        type: "LINUX_CONTAINER",
        image: "aws/codebuild/standard:7.0",
        computeType: "BUILD_GENERAL1_SMALL",
      },
      serviceRole: "arn:aws:iam::000000000000:role/kill",
    }),
  );
  await pipelines.send(
    new CreatePipelineCommand({
      pipeline: {
        name: "kill",
        roleArn: "arn:aws:iam::000000000000:role/kill",
        pipelineType: "V2",
        executionMode: "QUEUED",
        artifactStore: { type: "S3", location: "kill" },
        stages: [
          {
            name: "Source",
            actions: [
              {
                name: "Source",
                actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
                configuration: { S3Bucket: "kill", S3ObjectKey: "source.zip", PollForSourceChanges: "false" },
                outputArtifacts: [{ name: "Source" }],
              },
            ],
          },
          {
            name: "Build",
            actions: [
              {
                name: "Command",
                actionTypeId: { category: "Compute", owner: "AWS", provider: "Commands", version: "1" },
                commands: ["sleep 0.1"],
                inputArtifacts: [{ name: "Source" }],
              },
            ],
          },
        ],
      },
    }),
  );
}

/** Asks until the answer is not undefined; each time, the server has had a turn. */
async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise(setImmediate);
  }
}

/** Every acknowledged record is there, once, where it was said to be; and each shard and each partition key is in order. */
async function verifyRecords(streams: KinesisClient, records: Acknowledged["records"]): Promise<void> {
  expect(records.size).toBeGreaterThan(0);
  const found = new Map<string, string>();
  const { Shards = [] } = await streams.send(new ListShardsCommand({ StreamName: "kill" }));
  for (const { ShardId } of Shards) {
    const { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({ StreamName: "kill", ShardId, ShardIteratorType: "TRIM_HORIZON" }),
    );
    const { Records = [], MillisBehindLatest } = await streams.send(new GetRecordsCommand({ ShardIterator }));
    expect(MillisBehindLatest).toBe(0);
    const sequences = Records.map(({ SequenceNumber = "" }) => SequenceNumber);
    expect(sequences, `order of ${ShardId}`).toEqual([...new Set(sequences)].toSorted());
    for (const { SequenceNumber, Data } of Records)
      found.set(placeOf(ShardId, SequenceNumber), Buffer.from(Data ?? []).toString());
  }
  const texts = [...found.values()];
  expect(new Set(texts).size, "records that are there twice").toBe(texts.length);
  for (const [place, text] of records) expect(found.get(place), `record ${place}`).toBe(text);
  for (const key of keys) {
    const of = (all: Iterable<string>) => Array.from(all).filter((text) => text.startsWith(key));
    const acknowledged = of(records.values());
    // There may be more, whose acknowledgement was cut off.
    const those = new Set(acknowledged);
    expect(
      of(texts).filter((text) => those.has(text)),
      `order of key ${key}`,
    ).toEqual(acknowledged);
  }
}

async function verify(
  endpoint: string,
  { s3, secrets, stacks, pipelines, builds, streams }: Clients,
  acknowledged: Acknowledged,
): Promise<void> {
  await verifyRecords(streams, acknowledged.records);
  for (const [Key, size] of acknowledged.objects) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "kill", Key }));
    expect((await Body?.transformToByteArray())?.length, `object ${Key}`).toBe(size);
  }
  for (const [SecretId, value] of acknowledged.secrets) {
    expect((await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe(value);
  }
  for (const StackName of acknowledged.stacks) {
    const status = await eventually(async () => {
      const { Stacks } = await stacks.send(new DescribeStacksCommand({ StackName }));
      const found = Stacks?.[0]?.StackStatus ?? "";
      return found.endsWith("_IN_PROGRESS") ? undefined : found;
    });
    expect(status, `stack ${StackName}`).toBe("CREATE_COMPLETE");
  }
  for (const pipelineExecutionId of acknowledged.executions) {
    const status = await eventually(async () => {
      const { pipelineExecution } = await pipelines.send(
        new GetPipelineExecutionCommand({ pipelineName: "kill", pipelineExecutionId }),
      );
      return pipelineExecution?.status === "InProgress" ? undefined : pipelineExecution?.status;
    });
    expect(["Succeeded", "Failed"], `execution ${pipelineExecutionId}`).toContain(status);
  }
  for (const id of acknowledged.builds) {
    const build = await eventually(async () => {
      const { builds: [found] = [] } = await builds.send(new BatchGetBuildsCommand({ ids: [id] }));
      return found?.buildStatus === "IN_PROGRESS" ? undefined : found;
    });
    if (build.buildStatus === "SUCCEEDED") continue;
    // Interrupted: it says why, and can be tried again.
    const reasons = (build.phases ?? []).flatMap(({ contexts = [] }) => contexts.map(({ message }) => message));
    expect(reasons.join(), `build ${id} (${build.buildStatus})`).toMatch(/Trysail ended while the build ran/);
  }
  const { stdout } = await run("git", ["ls-remote", `${endpoint}/git/acme/kill.git`]);
  const last = [...acknowledged.commits].at(-1);
  if (last !== undefined) {
    const head = /^([0-9a-f]{40})\trefs\/heads\/main$/m.exec(stdout)?.[1] ?? "";
    // A push may have arrived whose answer was cut off; then the head lies beyond what was acknowledged.
    const { stdout: history } = await run("git", ["-C", `${data}-copy`, "log", "--format=%H", head]);
    expect(history.split("\n"), "commits").toContain(last);
  }
}

/** Processes that have the data folder of this test in their environment or on their command line. */
function left(): string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => {
      try {
        return [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`].some((file) =>
          readFileSync(file, "latin1").includes(data),
        );
      } catch {
        return false;
      }
    });
}

it("loses nothing acknowledged, and leaves no process, when it is killed twenty times at any instant", async () => {
  const acknowledged: Acknowledged = {
    objects: new Map(),
    secrets: new Map(),
    stacks: new Set(),
    executions: new Set(),
    builds: new Set(),
    commits: new Set(),
    records: new Map(),
  };
  // The same instants each time that this runs, counted in acknowledgements.
  const instants = fc.sample(fc.integer({ min: 1, max: 60 }), { numRuns: rounds, seed: 7 });
  for (const [round, instant] of instants.entries()) {
    const running = await start();
    const clients = clientsOf(running.endpoint);
    if (round === 0) await setUp(running.endpoint, clients);
    await eventually(async () => {
      const { StreamDescriptionSummary: stream } = await clients.streams.send(
        new DescribeStreamSummaryCommand({ StreamName: "kill" }),
      );
      return stream?.StreamStatus === "ACTIVE" ? stream : undefined;
    });
    let count = 0;
    const exited = once(running.child, "exit");
    await workload(running, clients, round, acknowledged, () => {
      count += 1;
      if (count === instant) running.child.kill("SIGKILL");
    });
    await exited;
    for (const client of Object.values(clients)) client.destroy();
  }

  const running = await start();
  const clients = clientsOf(running.endpoint);
  await verify(running.endpoint, clients, acknowledged);
  const { pipelineExecutionSummaries = [] } = await clients.pipelines.send(
    new ListPipelineExecutionsCommand({ pipelineName: "kill" }),
  );
  expect(pipelineExecutionSummaries.length).toBeGreaterThan(0);
  const [someBuild] = acknowledged.builds;
  if (someBuild !== undefined) {
    const { build } = await clients.builds.send(new RetryBuildCommand({ id: someBuild }));
    const again = await eventually(async () => {
      const { builds: [found] = [] } = await clients.builds.send(new BatchGetBuildsCommand({ ids: [build?.id ?? ""] }));
      return found?.buildStatus === "IN_PROGRESS" ? undefined : found?.buildStatus;
    });
    expect(again).toBe("SUCCEEDED");
  }
  for (const client of Object.values(clients)) client.destroy();
  running.child.kill("SIGTERM");
  await once(running.child, "exit");
  if (process.platform === "linux") expect(left()).toEqual([]);
  await rm(`${data}-copy`, { recursive: true, force: true });
}, 240_000);
