import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CodePipelineClient, CreatePipelineCommand } from "@aws-sdk/client-codepipeline";
import type { StageDeclaration } from "@aws-sdk/client-codepipeline";
import { CodeStarConnectionsClient, CreateConnectionCommand } from "@aws-sdk/client-codestar-connections";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandLine } from "./support/command-line.ts";

interface Listed {
  readonly name: string;
  readonly executionId?: string;
  readonly status?: string;
}

let folder: string;
let trysail: ReturnType<typeof commandLine>;
let url: string;

/** A commit whose build prints a message and ends with an exit code. */
async function push(message: string, exitCode: number): Promise<void> {
  const cwd = join(folder, "app");
  const git = (...args: string[]) =>
    promisify(execFile)("git", ["-c", "user.name=A", "-c", "user.email=a@example.com", ...args], {
      cwd,
      env: { PATH: process.env["PATH"], HOME: folder },
    });
  await writeFile(join(cwd, "build.sh"), `echo "${message}"\nexit ${exitCode}\n`);
  await git("add", ".");
  await git("commit", "--quiet", "--message", message);
  await git("push", "--quiet", url, "main");
}

const listed = async () => ((await trysail.json("pipeline", "list")) as Listed[])[0];

/** The execution that comes after that one. */
async function nextExecution(after: string | undefined): Promise<string> {
  for (;;) {
    const { executionId } = (await listed()) ?? {};
    if (executionId !== undefined && executionId !== after) return executionId;
  }
}

const stages = (ConnectionArn: string): StageDeclaration[] => [
  {
    name: "Source",
    actions: [
      {
        name: "Git",
        actionTypeId: { category: "Source", owner: "AWS", provider: "CodeStarSourceConnection", version: "1" },
        configuration: { ConnectionArn, FullRepositoryId: "acme/app", BranchName: "main" },
        outputArtifacts: [{ name: "Source" }],
      },
    ],
  },
  {
    name: "Build",
    actions: [
      {
        name: "Run",
        actionTypeId: { category: "Compute", owner: "AWS", provider: "Commands", version: "1" },
        commands: ["sh build.sh"],
        inputArtifacts: [{ name: "Source" }],
      },
    ],
  },
  {
    name: "Release",
    actions: [
      { name: "Agree", actionTypeId: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" } },
    ],
  },
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-cli-pipeline-"));
  trysail = commandLine({ home: folder, data: join(folder, "data") });
  const { endpoint } = JSON.parse((await trysail.up()).out) as { readonly endpoint: string };
  const config = { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  await new S3Client(config).send(new CreateBucketCommand({ Bucket: "artifacts" }));
  const trusted = {
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { Service: ["codebuild.amazonaws.com", "codepipeline.amazonaws.com"] },
  };
  const trust = JSON.stringify({ Version: "2012-10-17", Statement: [trusted] });
  await new IAMClient(config).send(new CreateRoleCommand({ RoleName: "pipeline", AssumeRolePolicyDocument: trust }));
  const connection = await new CodeStarConnectionsClient(config).send(
    new CreateConnectionCommand({ ConnectionName: "git", ProviderType: "GitHub" }),
  );

  url = (await trysail.run("repo", "add", "acme/app")).out.trim();
  await promisify(execFile)("git", ["init", "--quiet", "--initial-branch=main", join(folder, "app")]);
  await push("first", 0);
  await new CodePipelineClient(config).send(
    new CreatePipelineCommand({
      pipeline: {
        name: "app",
        pipelineType: "V2",
        executionMode: "SUPERSEDED",
        roleArn: "arn:aws:iam::000000000000:role/pipeline",
        artifactStore: { type: "S3", location: "artifacts" },
        stages: stages(connection.ConnectionArn ?? ""),
      },
    }),
  );
});

afterAll(async () => {
  await trysail.run("down");
  await rm(folder, { recursive: true, force: true });
});

/** Tries while the execution runs, until there is something to decide. */
async function decide(verb: "approve" | "reject"): Promise<void> {
  do {
    const { code, err } = await trysail.run("pipeline", verb, "--summary", "looked at it");
    if (code === 0) return;
    expect(err).toContain("Nothing in app waits for approval");
  } while ((await listed())?.status === "InProgress");
  throw new Error(`The execution ended before there was anything to ${verb}.`);
}

describe("trysail pipeline", () => {
  it("watches an execution until it ends, and approves what waits for it", async () => {
    const watching = trysail.start(["pipeline", "watch", "app"]);
    await watching.prints("waits for an approval");
    await decide("approve");
    const { code, out } = await watching.ended;
    expect(out).toContain("✓ Build / Run  Succeeded");
    expect(out).toContain("▶ Release / Agree  InProgress  waits for an approval");
    expect(out).toMatch(/✓ app {2}Succeeded {2}\w{8} {2}\w{7} first\n$/);
    expect(code).toBe(0);
    expect((await trysail.run("pipeline", "logs")).out).toContain("\nfirst\n");
  });

  it("shows why a build fails, retries it, and stops", async () => {
    const { executionId: before } = (await listed()) ?? {};
    await push("broken", 3);
    const executionId = await nextExecution(before);
    const failed = await trysail.run("pipeline", "watch", "app", "--execution", executionId);
    expect(failed.code).toBe(1);
    expect(failed.out).toMatch(/The last lines of Build \/ Run:\n[^]*broken/);

    expect((await trysail.run("pipeline", "retry")).out).toContain("Retrying Build of app");
    expect((await trysail.run("pipeline", "watch", "app", "--execution", executionId)).code).toBe(1);
    const logs = (await trysail.json("pipeline", "logs", "--action", "Run")) as { readonly lines: readonly string[] }[];
    expect(logs[0]?.lines).toContain("broken");
    expect((await trysail.run("pipeline", "logs", "--action", "None")).err).toContain('no action "None"');
  });

  it("rejects what waits for approval, which fails the execution", async () => {
    const { executionId: before } = (await listed()) ?? {};
    await push("mended", 0);
    const executionId = await nextExecution(before);
    await decide("reject");
    const rejected = await trysail.run("pipeline", "watch", "--json");
    expect(rejected.code).toBe(1);
    expect(JSON.parse(rejected.out.trim().split("\n").at(-1) ?? "")).toMatchObject({ executionId, status: "Failed" });
  });

  it("rolls a stage back to what the last good execution had", async () => {
    const rolledBack = (await trysail.json("pipeline", "rollback", "--stage", "Release")) as {
      readonly executionId: string;
    };
    const watching = trysail.start(["pipeline", "watch", "--execution", rolledBack.executionId]);
    await decide("approve");
    const { code, out } = await watching.ended;
    expect(out).toMatch(/✓ app {2}Succeeded {2}\w{8} {2}\w{7} first\n$/);
    expect(code).toBe(0);
  });

  it("starts an execution, and stops it", async () => {
    const { executionId } = (await trysail.json("pipeline", "start")) as { readonly executionId: string };
    expect((await trysail.run("pipeline", "stop", "--execution", executionId, "--abandon")).code).toBe(0);
    expect((await trysail.run("pipeline", "watch", "--execution", executionId)).code).toBe(1);
    expect(await listed()).toMatchObject({ executionId, status: "Stopped" });
  });

  it("leaves no build behind: down ends what a Trysail that was killed has left", async () => {
    const before = (await listed())?.executionId;
    const mark = join(folder, "mark");
    await push(`$(echo started > ${mark}; exec sleep 600)`, 0);
    await nextExecution(before);
    while (!existsSync(mark)) await trysail.run("status");
    const { pid } = (await trysail.json("status")) as { readonly pid: number };
    process.kill(pid, "SIGKILL");
    const told = (await trysail.json("down")) as { readonly stopped: null; readonly endedBuilds: number };
    expect(told).toMatchObject({ stopped: null, endedBuilds: 1 });
    expect(await trysail.json("down")).toMatchObject({ endedBuilds: 0 });
  });
});
