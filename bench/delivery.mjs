// The main job, and a pipeline that does nothing but pass ten actions: what Trysail adds to the work of the CDK CLI, of
// git and of the builds themselves.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BatchGetBuildsCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import {
  CodePipelineClient,
  CreatePipelineCommand,
  GetPipelineExecutionCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  StartPipelineExecutionCommand,
} from "@aws-sdk/client-codepipeline";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { median, root, startTrysail } from "./trysail.mjs";

const run = promisify(execFile);
const rounds = 5;
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** A zip archive without entries. */
const emptyZip = Buffer.from("504b0506000000000000000000000000000000000000", "hex");

/** How long at least one request was being answered between two moments: what of a client's wait is the server's. */
export function busyMs(log, from, to) {
  const spans = log
    .filter(({ message }) => message === "request")
    .map(({ time, ms }) => [Date.parse(time) - ms, Date.parse(time)])
    .filter(([start, end]) => start >= from && end <= to + 1000)
    .toSorted(([a], [b]) => a - b);
  let busy = 0;
  let reached = 0;
  for (const [start, end] of spans) {
    busy += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return busy;
}

async function deploy(trysail, folder) {
  const from = Date.now();
  const outputs = join(folder, "outputs.json");
  await run(
    join(root, "node_modules/.bin/cdk"),
    ["deploy", "--require-approval", "never", "--output", join(folder, "cdk.out"), "--outputs-file", outputs],
    {
      cwd: join(root, "examples/static-site"),
      env: {
        ...trysail.environment,
        CDK_HOME: folder,
        CDK_NOTICES: "false",
        CDK_DISABLE_CLI_TELEMETRY: "true",
        CDK_DEFAULT_ACCOUNT: "000000000000",
        CDK_DEFAULT_REGION: "us-east-1",
      },
    },
  );
  const to = Date.now();
  return {
    wallMs: to - from,
    shareMs: busyMs(await trysail.log(), from, to),
    siteUrl: JSON.parse(await readFile(outputs, "utf8")).StaticSite.SiteUrl,
  };
}

/** A page as a browser gets it: the name leads to this machine whatever the resolver says. */
async function page(url) {
  const { host, port, pathname } = new URL(url);
  const asked = request({ host: "127.0.0.1", port, path: pathname, headers: { host } }).end();
  const [response] = await once(asked, "response");
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Milliseconds that a build spent in its commands. */
function commandMs({ phases }) {
  const own = new Set(["INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"]);
  return phases
    .filter(({ phaseType }) => own.has(phaseType))
    .reduce((sum, { startTime, endTime }) => sum + (endTime - startTime), 0);
}

async function settled(pipelines, pipelineName, pipelineExecutionId) {
  for (;;) {
    const { pipelineExecution } = await pipelines.send(
      new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId }),
    );
    if (pipelineExecution.status !== "InProgress") return pipelineExecution.status;
  }
}

async function pushes(trysail, siteUrl, folder, clients) {
  await fetch(`${trysail.endpoint}/_trysail/repositories`, {
    method: "POST",
    body: JSON.stringify({ name: "acme/website" }),
  });
  const copy = join(folder, "website");
  await cp(join(root, "examples/static-site/site"), copy, { recursive: true });
  const git = (...args) =>
    run("git", ["-c", "user.name=bench", "-c", "user.email=bench@localhost", ...args], {
      cwd: copy,
      env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1" },
    });
  await git("init", "--quiet", "--initial-branch=main");
  await git("remote", "add", "origin", `${trysail.endpoint}/git/acme/website.git`);
  const own = [];
  for (let round = 0; round <= rounds; round++) {
    await writeFile(join(copy, "src", "round.txt"), String(round));
    await git("add", ".");
    await git("commit", "--quiet", "--message", `Round ${round}`);
    const commit = (await git("rev-parse", "HEAD")).stdout.trim();
    const startedAt = performance.now();
    await git("push", "--quiet", "origin", "main");
    for (;;) if ((await page(siteUrl)).includes(commit.slice(0, 7))) break;
    const wallMs = performance.now() - startedAt;
    const {
      pipelineExecutionSummaries: [newest],
    } = await clients.pipelines.send(new ListPipelineExecutionsCommand({ pipelineName: "website", maxResults: 1 }));
    await settled(clients.pipelines, "website", newest.pipelineExecutionId);
    const { actionExecutionDetails } = await clients.pipelines.send(
      new ListActionExecutionsCommand({
        pipelineName: "website",
        filter: { pipelineExecutionId: newest.pipelineExecutionId },
      }),
    );
    const build = actionExecutionDetails.find(({ stageName }) => stageName === "Build").output.executionResult
      .externalExecutionId;
    const { builds } = await clients.builds.send(new BatchGetBuildsCommand({ ids: [build] }));
    if (round > 0) own.push(wallMs - commandMs(builds[0]));
  }
  return median(own);
}

async function tenCommands(clients) {
  await clients.iam.send(new CreateRoleCommand({ RoleName: "bench", AssumeRolePolicyDocument: trust }));
  await clients.s3.send(new CreateBucketCommand({ Bucket: "ten-source" }));
  await clients.s3.send(
    new PutBucketVersioningCommand({ Bucket: "ten-source", VersioningConfiguration: { Status: "Enabled" } }),
  );
  await clients.s3.send(new PutObjectCommand({ Bucket: "ten-source", Key: "source.zip", Body: emptyZip }));
  const action = (number) => ({
    name: `Command${number}`,
    runOrder: number,
    actionTypeId: { category: "Compute", owner: "AWS", provider: "Commands", version: "1" },
    commands: ["true"],
    inputArtifacts: [{ name: "Source" }],
  });
  const pipeline = {
    name: "ten",
    roleArn: "arn:aws:iam::000000000000:role/bench",
    pipelineType: "V2",
    artifactStore: { type: "S3", location: "ten-source" },
    stages: [
      {
        name: "Source",
        actions: [
          {
            name: "Source",
            actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
            configuration: { S3Bucket: "ten-source", S3ObjectKey: "source.zip", PollForSourceChanges: "false" },
            outputArtifacts: [{ name: "Source" }],
          },
        ],
      },
      { name: "Commands", actions: Array.from({ length: 10 }, (_, index) => action(index + 1)) },
    ],
  };
  await clients.pipelines.send(new CreatePipelineCommand({ pipeline }));
  const times = [];
  for (let round = 0; round <= rounds; round++) {
    const startedAt = performance.now();
    const { pipelineExecutionId } = await clients.pipelines.send(new StartPipelineExecutionCommand({ name: "ten" }));
    const status = await settled(clients.pipelines, "ten", pipelineExecutionId);
    if (status !== "Succeeded") throw new Error(`the pipeline of ten commands ended as ${status}`);
    if (round > 0) times.push(performance.now() - startedAt);
  }
  return median(times);
}

/** @returns rows of the table */
export async function measureDelivery() {
  const trysail = await startTrysail();
  const folder = await mkdtemp(join(tmpdir(), "trysail-bench-cdk-"));
  const config = {
    endpoint: trysail.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const clients = {
    pipelines: new CodePipelineClient(config),
    builds: new CodeBuildClient(config),
    iam: new IAMClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  };
  try {
    const { wallMs, shareMs, siteUrl } = await deploy(trysail, folder);
    const push = await pushes(trysail, siteUrl, folder, clients);
    const ten = await tenCommands(clients);
    return [
      {
        what: "cdk deploy of the example, Trysail's share",
        measured: `${seconds(shareMs)} of ${seconds(wallMs)}`,
        target: "< 0.5 s",
      },
      { what: "git push → site live, less the build's commands", measured: seconds(push), target: "< 0.5 s" },
      { what: "pipeline of 10 no-op Commands actions in sequence", measured: seconds(ten), target: "< 1 s" },
    ];
  } finally {
    for (const client of Object.values(clients)) client.destroy();
    await trysail.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
