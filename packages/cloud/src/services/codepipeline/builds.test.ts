import { createHmac } from "node:crypto";
import { CodeBuildClient, CreateProjectCommand } from "@aws-sdk/client-codebuild";
import { CodeCommitClient, CreateRepositoryCommand, PutFileCommand } from "@aws-sdk/client-codecommit";
import {
  GetPipelineExecutionCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  PutWebhookCommand,
  RegisterWebhookWithThirdPartyCommand,
  RetryStageExecutionCommand,
  StopPipelineExecutionCommand,
} from "@aws-sdk/client-codepipeline";
import type { ActionDeclaration } from "@aws-sdk/client-codepipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gitClient } from "../../testing/git-client.test-kit.ts";
import type { GitClient } from "../../testing/git-client.test-kit.ts";
import { approve, deploy, source, startPipelineWorld } from "./pipelines.test-kit.ts";
import type { PipelineWorld } from "./pipelines.test-kit.ts";

let world: PipelineWorld;
const clones: GitClient[] = [];

beforeAll(async () => {
  world = await startPipelineWorld();
  await world.upload({ "index.html": "<h1>one</h1>" });
});
afterAll(async () => {
  await world.cloud.stop();
  for (const clone of clones) await clone.remove();
});

/** Adds a repository, and gives the clone that pushes to it. */
async function repository(name: string): Promise<GitClient> {
  const added = await fetch(`${world.cloud.endpoint}/_trysail/repositories`, {
    method: "POST",
    body: JSON.stringify({ name }),
  });
  const { url } = (await added.json()) as { url: string };
  const clone = await gitClient();
  clones.push(clone);
  await clone.git("remote", "add", "origin", url);
  return clone;
}

async function push(clone: GitClient, files: Readonly<Record<string, string>>, message: string, branch = "main") {
  for (const [path, content] of Object.entries(files)) await clone.write(path, content);
  const commit = await clone.commit(message);
  await clone.git("push", "--quiet", "origin", `HEAD:${branch}`);
  return commit;
}

const connected = (repositoryName: string, more: Record<string, string> = {}): ActionDeclaration => ({
  name: "Pull",
  actionTypeId: { category: "Source", owner: "AWS", provider: "CodeStarSourceConnection", version: "1" },
  configuration: {
    ConnectionArn: "arn:aws:codestar-connections:us-east-1:111122223333:connection/x",
    FullRepositoryId: repositoryName,
    BranchName: "main",
    ...more,
  },
  outputArtifacts: [{ name: "Code" }],
  namespace: "Src",
});
const build = (projectName: string, more: Partial<ActionDeclaration> = {}): ActionDeclaration => ({
  name: "Build",
  actionTypeId: { category: "Build", owner: "AWS", provider: "CodeBuild", version: "1" },
  configuration: {
    ProjectName: projectName,
    EnvironmentVariables: JSON.stringify([{ name: "MESSAGE", value: "#{Src.CommitMessage}", type: "PLAINTEXT" }]),
  },
  inputArtifacts: [{ name: "Code" }],
  outputArtifacts: [{ name: "Site" }],
  namespace: "Built",
  ...more,
});
const commandsAction = (
  name: string,
  commands: string[],
  more: Partial<ActionDeclaration> = {},
): ActionDeclaration => ({
  name,
  actionTypeId: { category: "Compute", owner: "AWS", provider: "Commands", version: "1" },
  commands,
  inputArtifacts: [{ name: "Code" }],
  ...more,
});

async function project(name: string, buildspec: object): Promise<void> {
  await world.cloud.client(CodeBuildClient).send(
    new CreateProjectCommand({
      name,
      source: { type: "CODEPIPELINE", buildspec: JSON.stringify(buildspec) },
      artifacts: { type: "CODEPIPELINE" },
      environment: {
        type: "LINUX_CONTAINER",
        image: "aws/codebuild/standard:7.0",
        computeType: "BUILD_GENERAL1_SMALL",
      },
      serviceRole: "arn:aws:iam::000000000000:role/build",
    }),
  );
}

const executions = async (pipelineName: string) =>
  (await world.pipelines.send(new ListPipelineExecutionsCommand({ pipelineName }))).pipelineExecutionSummaries ?? [];
/** The execution that comes after those that are there. */
const next = (name: string, known: number) =>
  world.cloud.eventually(async () => (await executions(name)).at(-known - 1)?.pipelineExecutionId);

describe("from a push to a website", () => {
  it("builds what was pushed and deploys it; a failing build shows its last lines", async () => {
    const clone = await repository("acme/site");
    await push(clone, { "src/index.html": "hello" }, "First");
    await project("site-build", {
      version: 0.2,
      env: { "exported-variables": ["LENGTH"] },
      phases: {
        build: {
          commands: [
            "mkdir out",
            'echo "$(cat src/index.html): $MESSAGE" > out/index.html',
            "export LENGTH=$(wc -c < src/index.html | tr -d ' ')",
            "test ! -e src/broken || (echo it is broken; exit 3)",
          ],
        },
      },
      artifacts: { "base-directory": "out", files: ["**/*"] },
    });
    await world.create("site", [
      { name: "Source", actions: [connected("acme/site")] },
      { name: "Build", actions: [build("site-build")] },
      {
        name: "Ship",
        actions: [
          {
            ...deploy,
            inputArtifacts: [{ name: "Site" }],
            configuration: { ...deploy.configuration, ObjectKey: "#{Built.LENGTH}" },
          },
        ],
      },
    ]);
    expect(await world.ended("site", await next("site", 0))).toBe("Succeeded");
    expect((await world.read("site", "5/index.html")).text).toBe("hello: First\n");

    const commit = await push(clone, { "src/index.html": 'hello "world"' }, 'Say "hello", in full');
    const second = await next("site", 1);
    expect(await world.ended("site", second)).toBe("Succeeded");
    expect((await world.read("site", "13/index.html")).text).toBe('hello "world": Say "hello", in full\n');
    const { pipelineExecution } = await world.pipelines.send(
      new GetPipelineExecutionCommand({ pipelineName: "site", pipelineExecutionId: second }),
    );
    expect(pipelineExecution).toMatchObject({
      trigger: { triggerType: "WebhookV2" },
      artifactRevisions: [{ name: "Code", revisionId: commit, revisionSummary: 'Say "hello", in full' }],
    });

    await push(clone, { "src/broken": "" }, "Break it");
    expect(await world.ended("site", await next("site", 2))).toBe("Failed");
    const failed = await world.action("site", "Build");
    expect(failed?.errorDetails?.code).toBe("JobFailed");
    expect(failed?.errorDetails?.message).toContain(
      "Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR",
    );
    expect(failed?.errorDetails?.message).toContain("it is broken");
    expect(failed?.logStreamARN).toMatch(
      /^arn:aws:logs:us-east-1:000000000000:log-group:\/aws\/codebuild\/site-build:log-stream:/,
    );
  });

  it("starts for the branches and files that a trigger's filters name, with the commit that was pushed", async () => {
    const clone = await repository("acme/filtered");
    await push(clone, { "docs/a.md": "a", "src/a.ts": "a" }, "First");
    await world.create(
      "filtered",
      [
        { name: "Source", actions: [connected("acme/filtered", { DetectChanges: "false" })] },
        { name: "Gate", actions: [{ ...approve, configuration: { CustomData: "#{Src.BranchName}" } }] },
      ],
      {
        executionMode: "PARALLEL",
        triggers: [
          {
            providerType: "CodeStarSourceConnection",
            gitConfiguration: {
              sourceActionName: "Pull",
              push: [{ branches: { includes: ["release/*"] }, filePaths: { includes: ["src/**"] } }],
            },
          },
        ],
      },
    );
    await push(clone, { "src/a.ts": "b" }, "On main");
    await push(clone, { "src/a.ts": "b2" }, "Not released", "release/1");
    await push(clone, { "docs/a.md": "b" }, "Only words", "release/1");
    const commit = await push(clone, { "src/a.ts": "c" }, "Released", "release/1");
    const started = await world.cloud.eventually(async () => {
      const summaries = await executions("filtered");
      return summaries.some(({ sourceRevisions = [] }) => sourceRevisions[0]?.revisionId === commit) && summaries;
    });
    expect(started.map(({ sourceRevisions = [] }) => sourceRevisions[0]?.revisionSummary)).toEqual([
      "Released",
      "Not released",
      "First",
    ]);
  });

  it("starts for commits to CodeCommit, and gives a build the whole clone where it asks for it", async () => {
    const codecommit = world.cloud.client(CodeCommitClient);
    await codecommit.send(new CreateRepositoryCommand({ repositoryName: "library" }));
    const put = async (content: string, parentCommitId?: string) => {
      const file = { filePath: "readme.md", fileContent: Buffer.from(content), commitMessage: `Say ${content}` };
      return (
        await codecommit.send(
          new PutFileCommand({ repositoryName: "library", branchName: "main", parentCommitId, ...file }),
        )
      ).commitId;
    };
    const first = await put("one");
    const pull: ActionDeclaration = {
      ...connected("library"),
      actionTypeId: { category: "Source", owner: "AWS", provider: "CodeCommit", version: "1" },
      configuration: { RepositoryName: "library", BranchName: "main", OutputArtifactFormat: "CODEBUILD_CLONE_REF" },
    };
    const look = commandsAction("Look", ["export HISTORY=$(git log --format=%s | tr '\\n' ';')"], {
      outputVariables: ["HISTORY"],
    });
    await world.create("library", [
      { name: "Source", actions: [pull] },
      { name: "Run", actions: [look] },
    ]);
    expect(await world.ended("library", await next("library", 0))).toBe("Succeeded");
    const second = await put("two", first);
    expect(await world.ended("library", await next("library", 1))).toBe("Succeeded");
    const { actionExecutionDetails = [] } = await world.pipelines.send(
      new ListActionExecutionsCommand({ pipelineName: "library" }),
    );
    expect(actionExecutionDetails[0]?.output?.outputVariables).toEqual({ HISTORY: "Say two;Say one;" });
    expect(actionExecutionDetails[1]?.output?.outputVariables).toMatchObject({
      CommitId: second,
      BranchName: "main",
      RepositoryName: "library",
    });
  });

  it("starts for deliveries of GitHub whose signature and content are right", async () => {
    const clone = await repository("acme/hooked");
    const gitHub: ActionDeclaration = {
      ...connected("acme/hooked"),
      actionTypeId: { category: "Source", owner: "ThirdParty", provider: "GitHub", version: "1" },
      configuration: {
        Owner: "acme",
        Repo: "hooked",
        Branch: "main",
        OAuthToken: "secret",
        PollForSourceChanges: "false",
      },
    };
    await world.create("hooked", [
      { name: "Source", actions: [gitHub] },
      { name: "Gate", actions: [approve] },
    ]);
    const { webhook } = await world.pipelines.send(
      new PutWebhookCommand({
        webhook: {
          name: "hook",
          targetPipeline: "hooked",
          targetAction: "Pull",
          filters: [{ jsonPath: "$.ref", matchEquals: "refs/heads/{Branch}" }],
          authentication: "GITHUB_HMAC",
          authenticationConfiguration: { SecretToken: "key" },
        },
      }),
    );
    const deliver = async (body: string, key: string) => {
      const signature = `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;
      return (
        await fetch(webhook?.url ?? "", {
          method: "POST",
          body,
          headers: { "content-type": "application/json", "x-github-event": "push", "x-hub-signature-256": signature },
        })
      ).status;
    };
    expect(await deliver(`{"ref":"refs/heads/main"}`, "wrong")).toBe(403);
    expect(await deliver(`{"ref":"refs/heads/other"}`, "key")).toBe(200);
    expect(await executions("hooked")).toHaveLength(1);
    expect(await deliver(`{"ref":"refs/heads/main"}`, "key")).toBe(200);
    expect((await executions("hooked"))[0]?.trigger).toEqual({ triggerType: "Webhook", triggerDetail: webhook?.arn });

    // A push to the repository here counts once the webhook is registered.
    await push(clone, { "a.txt": "1" }, "Unheard");
    await world.pipelines.send(new RegisterWebhookWithThirdPartyCommand({ webhookName: "hook" }));
    const commit = await push(clone, { "a.txt": "2" }, "Heard");
    const started = await world.cloud.eventually(async () => {
      const summaries = await executions("hooked");
      return summaries.some(({ sourceRevisions = [] }) => sourceRevisions[0]?.revisionId === commit) && summaries;
    });
    expect(started).toHaveLength(3);
  });
});

describe("commands", () => {
  it("run one after the other, and hand on variables and files", async () => {
    await world.create("commands", [
      { name: "Source", actions: [source] },
      {
        name: "Run",
        actions: [
          commandsAction("Make", ["mkdir -p out", "tr a-z A-Z < index.html > out/index.html", "export WHO=$NAME"], {
            outputArtifacts: [{ name: "Made", files: ["out/*"] }],
            outputVariables: ["WHO"],
            environmentVariables: [{ name: "NAME", value: "Ada" }],
            namespace: "Made",
          }),
          commandsAction("Use", ['test "$GIVEN" = Ada', "test -f out/index.html"], {
            runOrder: 2,
            inputArtifacts: [{ name: "Made" }],
            environmentVariables: [{ name: "GIVEN", value: "#{Made.WHO}" }],
          }),
          { ...deploy, runOrder: 3, inputArtifacts: [{ name: "Made" }] },
        ],
      },
    ]);
    expect(await world.ended("commands", await next("commands", 0))).toBe("Succeeded");
    expect((await world.read("site", "out/index.html")).text).toBe("<H1>ONE</H1>");
  });

  it("are conditions of stages, too", async () => {
    const rule = {
      name: "Look",
      ruleTypeId: { category: "Rule", owner: "AWS", provider: "Commands", version: "1" },
      commands: ["grep -q two index.html"],
      inputArtifacts: [{ name: "Code" }],
    } as const;
    const onSuccess = {
      conditions: [
        {
          result: "FAIL" as const,
          rules: [{ ...rule, commands: [...rule.commands], inputArtifacts: [...rule.inputArtifacts] }],
        },
      ],
    };
    await world.create("checked", [
      { name: "Source", actions: [source] },
      { name: "Ship", actions: [deploy], onSuccess },
    ]);
    expect(await world.ended("checked", await next("checked", 0))).toBe("Failed");
    const { actionExecutionDetails = [] } = await world.pipelines.send(
      new ListActionExecutionsCommand({ pipelineName: "checked" }),
    );
    expect(actionExecutionDetails.map(({ status }) => status)).toEqual(["Succeeded", "Succeeded"]);
  });

  it("that a restart has cut short fail with the reason, and can be retried", async () => {
    await world.create("crashed", [
      { name: "Source", actions: [source] },
      { name: "Run", actions: [commandsAction("Wait", ["sleep 600"])] },
    ]);
    const started = await world.cloud.eventually(
      async () => (await world.action("crashed", "Wait"))?.externalExecutionId,
    );
    await world.cloud.restart();
    world.connect();
    const id = await next("crashed", 0);
    expect(await world.ended("crashed", id)).toBe("Failed");
    expect((await world.action("crashed", "Wait"))?.errorDetails?.message).toContain(
      "Build terminated with state: FAULT",
    );
    const stage = { pipelineName: "crashed", stageName: "Run", pipelineExecutionId: id } as const;
    await world.pipelines.send(new RetryStageExecutionCommand({ ...stage, retryMode: "FAILED_ACTIONS" }));
    const retried = await world.cloud.eventually(
      async () => (await world.action("crashed", "Wait"))?.externalExecutionId,
    );
    expect(retried).not.toBe(started);
    await world.pipelines.send(new StopPipelineExecutionCommand({ ...stage, abandon: true }));
    expect(await world.ended("crashed", id)).toBe("Stopped");
  });
});
