import {
  BatchDeleteBuildsCommand,
  BatchGetProjectsCommand,
  BatchGetBuildsCommand,
  BatchGetReportsCommand,
  CodeBuildClient,
  CreateReportGroupCommand,
  DeleteReportGroupCommand,
  DescribeTestCasesCommand,
  InvalidateProjectCacheCommand,
  ListBuildsCommand,
  ListBuildsForProjectCommand,
  ListReportsForReportGroupCommand,
  RetryBuildCommand,
  StopBuildCommand,
  UpdateProjectCommand,
} from "@aws-sdk/client-codebuild";
import type { Build } from "@aws-sdk/client-codebuild";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { CodeCommitClient, CreateCommitCommand, CreateRepositoryCommand } from "@aws-sdk/client-codecommit";
import { cp, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gitClient } from "../../testing/git-client.test-kit.ts";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import { spec, startBuildCloud } from "./codebuild.test-kit.ts";
import type { BuildCloud } from "./codebuild.test-kit.ts";

let kit: BuildCloud;
beforeAll(async () => {
  kit = await startBuildCloud();
});
afterAll(() => kit.cloud.stop());

const inPhase = (phase: string) => (build: { readonly currentPhase?: string | undefined }) =>
  build.currentPhase === phase;

/** The processes, of all that run here, whose command line holds a text. */
async function processesWith(text: string): Promise<string[]> {
  const pids = (await readdir("/proc").catch((): string[] => [])).filter(
    (name) => /^\d+$/.test(name) && name !== String(process.pid),
  );
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(text));
}

/** A build that goes on until it is ended; its command writes a line first. */
const endless = (mark: string) =>
  spec({ build: [`echo started; setsid sleep ${mark} & sleep ${mark}`], post_build: ["echo never"] });
const started = (id: string) =>
  kit.cloud.eventually(async () => {
    const build = await kit.get(id);
    return inPhase("BUILD")(build) && (await kit.log(build).catch((): string[] => [])).includes("started");
  });

/** How DOWNLOAD_SOURCE ended. */
const contextOf = ({ phases = [] }: Build) => phases[3]?.contexts?.[0];
const noProblem = { statusCode: "", message: "" };

describe("builds", () => {
  it("that are stopped end with all of their processes", async () => {
    await kit.createProject("stopped", endless("86411"));
    const id = await kit.start({ projectName: "stopped" });
    await started(id);
    await kit.clients.codebuild.send(new StopBuildCommand({ id }));
    const build = await kit.ended(id);
    expect(build.buildStatus).toBe("STOPPED");
    expect(build.phases?.at(-2)).toMatchObject({ phaseType: "BUILD", phaseStatus: "STOPPED" });
    expect(await processesWith("86411")).toEqual([]);
    expect(await kit.log(build)).not.toContain("never");
  });

  it("time out by the clock, running or queued; only so many run at once", async () => {
    await kit.createProject("slow", endless("86412"), {
      timeoutInMinutes: 5,
      queuedTimeoutInMinutes: 480,
      concurrentBuildLimit: 1,
    });
    const first = await kit.start({ projectName: "slow" });
    await started(first);
    const second = await kit.start({ projectName: "slow", buildspecOverride: spec({ build: ["true"] }) });
    const third = await kit.start({
      projectName: "slow",
      queuedTimeoutInMinutesOverride: 5,
      buildspecOverride: spec({ build: ["true"] }),
    });
    await kit.cloud.idle();
    expect([(await kit.get(second)).currentPhase, (await kit.get(third)).currentPhase]).toEqual(["QUEUED", "QUEUED"]);
    await kit.clients.codebuild.send(new StopBuildCommand({ id: third }));
    expect((await kit.get(third)).buildStatus).toBe("STOPPED");
    const fourth = await kit.start({
      projectName: "slow",
      queuedTimeoutInMinutesOverride: 5,
      timeoutInMinutesOverride: 30,
    });
    await kit.cloud.clock.advance({ minutes: 5 });
    const late = await kit.ended(first);
    expect(late.buildStatus).toBe("TIMED_OUT");
    expect(late.phases?.at(-2)?.contexts).toEqual([
      { statusCode: "BUILD_TIMED_OUT", message: "Build has timed out after 5 minutes." },
    ]);
    expect((await kit.ended(second)).buildStatus).toBe("SUCCEEDED");
    await kit.ended(fourth).then(({ buildStatus }) => expect(buildStatus).toBe("TIMED_OUT"));
    expect(await processesWith("86412")).toEqual([]);
  });

  it("that a stop of Trysail interrupts are told of as a fault, leave nothing behind, and can be retried", async () => {
    const buildspec = spec({ build: ['if [ -n "$QUICK" ]; then echo quick; else echo started; sleep 86413; fi'] });
    await kit.createProject("interrupted", buildspec);
    const id = await kit.start({ projectName: "interrupted", idempotencyToken: "t" });
    await started(id);
    await kit.cloud.restart();
    kit.reconnect();
    const build = await kit.ended(id);
    expect(build).toMatchObject({ buildStatus: "FAULT", currentPhase: "COMPLETED" });
    expect(build.phases?.at(-2)?.contexts?.[0]?.message).toContain("RetryBuild");
    await kit.cloud.idle();
    expect(await processesWith("86413")).toEqual([]);
    expect(await readdir(join(kit.cloud.dataFolder, "work", "codebuild", "000000000000", "us-east-1"))).toEqual([]);
    const { build: again } = await kit.clients.codebuild.send(new RetryBuildCommand({ id }));
    expect(again).toMatchObject({ buildNumber: 2, projectName: "interrupted" });
    await kit.clients.codebuild.send(new StopBuildCommand({ id: again?.id ?? "" }));
    expect((await kit.ended(again?.id ?? "")).buildStatus).toBe("STOPPED");
  });

  it("that a crash interrupts are told of as a fault when Trysail is back, and leave no files", async () => {
    await kit.createProject("crashed", endless("86414"));
    const id = await kit.start({ projectName: "crashed" });
    await started(id);
    // What a power cut leaves: the data as it is at this moment, while the build goes on elsewhere.
    const dataFolder = await mkdtemp(join(tmpdir(), "trysail-crashed-"));
    try {
      await cp(kit.cloud.dataFolder, dataFolder, { recursive: true, filter: (path) => !/\/lock\.[^/]*$/.test(path) });
      const after = await startTestCloud({ dataFolder });
      try {
        const client = after.client(CodeBuildClient);
        const build = await after.eventually(async () => {
          const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids: [id] }));
          return builds[0]?.buildComplete === true && builds[0];
        });
        expect(build.buildStatus).toBe("FAULT");
        expect(build.phases?.at(-2)).toMatchObject({ phaseType: "BUILD", phaseStatus: "FAULT" });
        await after.idle();
        expect(await readdir(join(dataFolder, "work", "codebuild", "000000000000", "us-east-1"))).toEqual([]);
      } finally {
        await after.stop();
      }
    } finally {
      await rm(dataFolder, { recursive: true, force: true });
    }
    expect((await kit.get(id)).buildStatus).toBe("IN_PROGRESS");
    await kit.clients.codebuild.send(new StopBuildCommand({ id }));
    await kit.ended(id);
  });

  it("are retried where the project or the buildspec asks for it, so often and no more", async () => {
    const flaky = spec({ build: { commands: ["echo attempt; exit 7"], "on-failure": "RETRY-2-.*status 7" } });
    await kit.createProject("flaky", flaky);
    const first = await kit.run("flaky");
    const last = await kit.cloud.eventually(async () => {
      const { ids = [] } = await kit.clients.codebuild.send(new ListBuildsForProjectCommand({ projectName: "flaky" }));
      const build = await kit.get(ids[0] ?? "");
      return ids.length === 3 && build.buildComplete === true && build;
    });
    expect(first.autoRetryConfig).toMatchObject({ autoRetryNumber: 0, autoRetryLimit: 2 });
    expect(last.autoRetryConfig).toMatchObject({ autoRetryNumber: 2, autoRetryLimit: 2 });
    expect(last.autoRetryConfig?.nextAutoRetry).toBeUndefined();
  });

  it("read a commit of a CodeCommit repository, with its history", async () => {
    const codecommit = kit.cloud.client(CodeCommitClient);
    const { repositoryMetadata } = await codecommit.send(new CreateRepositoryCommand({ repositoryName: "app" }));
    const files = {
      "buildspec.yml": spec({ build: ["git log --format=%s", "git rev-parse HEAD", "git remote get-url origin"] }),
    };
    const { commitId } = await codecommit.send(
      new CreateCommitCommand({
        repositoryName: "app",
        branchName: "main",
        commitMessage: "First of all",
        putFiles: Object.entries(files).map(([filePath, content]) => ({ filePath, fileContent: Buffer.from(content) })),
      }),
    );
    await kit.createProject("from-git", undefined, {
      source: { type: "CODECOMMIT", location: "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/app" },
    });
    const build = await kit.run("from-git", { sourceVersion: "refs/heads/main" });
    expect(build).toMatchObject({ buildStatus: "SUCCEEDED", resolvedSourceVersion: commitId });
    expect(await kit.log(build)).toEqual(
      expect.arrayContaining(["First of all", commitId, repositoryMetadata?.cloneUrlHttp]),
    );
    const missing = await kit.run("from-git", { sourceVersion: "nowhere" });
    expect(missing.phases?.[3]?.contexts).toEqual([
      { statusCode: "CLIENT_ERROR", message: "reference not found for primary source and source version nowhere" },
    ]);
  });

  it("read a host's repository: Trysail's own one of that name, or else the real one, as it is now", async () => {
    const response = await fetch(`${kit.cloud.endpoint}/_trysail/repositories`, {
      method: "POST",
      body: JSON.stringify({ name: "ann/app" }),
    });
    const { url } = (await response.json()) as { url: string };
    const git = await gitClient();
    try {
      const push = async (message: string) => {
        await git.write("buildspec.yml", spec({ build: ["git log -1 --format=%s", "git remote get-url origin"] }));
        await git.write("message", message);
        const id = await git.commit(message);
        await git.git("push", url, "main");
        return id;
      };
      const first = await push("one");
      const source = (location: string) => ({ source: { type: "GITHUB", location } as const });
      await kit.createProject("own-github", undefined, source("https://github.com/ann/app.git"));
      const build = await kit.run("own-github");
      expect([contextOf(build), build.resolvedSourceVersion]).toEqual([noProblem, first]);
      expect(await kit.log(build)).toEqual(expect.arrayContaining(["one", `${kit.cloud.endpoint}/git/ann/app.git`]));

      await kit.createProject("real-github", undefined, source(url));
      expect(await kit.log(await kit.run("real-github"))).toEqual(expect.arrayContaining(["one", url]));
      const second = await push("two");
      expect(await kit.log(await kit.run("real-github"))).toContain("two");
      const old = await kit.run("real-github", { sourceVersion: first });
      const pinned = await kit.run("own-github", { sourceVersion: `refs/heads/main^{${second}}` });
      expect([contextOf(old), old.resolvedSourceVersion]).toEqual([noProblem, first]);
      expect([contextOf(pinned), pinned.resolvedSourceVersion]).toEqual([noProblem, second]);
    } finally {
      await git.remove();
    }
  });

  it("keep caches, in S3 and locally, until they are invalidated", async () => {
    const buildspec = spec(
      {
        build: [
          "cat deps/n ~/.deps/n 2>/dev/null || echo cold; mkdir -p deps ~/.deps; echo warm > deps/n; echo home > ~/.deps/n",
        ],
      },
      { cache: { paths: ["deps/**/*", "/root/.deps/**/*"] } },
    );
    for (const cache of [
      { type: "S3", location: "bucket/caches" },
      { type: "LOCAL", modes: ["LOCAL_CUSTOM_CACHE"] },
    ] as const) {
      const name = `cached-${cache.type}`;
      await kit.createProject(name, buildspec, {
        cache: cache.type === "S3" ? cache : { type: "LOCAL", modes: ["LOCAL_CUSTOM_CACHE"] },
      });
      expect(await kit.log(await kit.run(name))).toContain("cold");
      expect(await kit.log(await kit.run(name))).toEqual(expect.arrayContaining(["warm", "home"]));
      await kit.clients.codebuild.send(new InvalidateProjectCacheCommand({ projectName: name }));
      expect(await kit.log(await kit.run(name))).toContain("cold");
    }
    const keyed = (key: string) =>
      spec(
        { build: ["cat deps 2>/dev/null || echo cold", `echo ${key} > deps`] },
        { cache: { paths: ["deps"], key, "fallback-keys": ["npm-"] } },
      );
    // A minute later each time: the newest of those that a fallback key fits is the one.
    const logOf = async (key: string) => {
      await kit.cloud.clock.advance({ minutes: 1 });
      return kit.log(await kit.run("cached-S3", { buildspecOverride: keyed(key) }));
    };
    expect(await logOf("npm-1")).toContain("cold");
    expect(await logOf("npm-2")).toContain("npm-1");
    expect(await logOf("yarn-1")).toContain("npm-2");
  });

  it("write their log to S3 too, and not to CloudWatch Logs where that is switched off", async () => {
    await kit.createProject("logged", spec({ build: ["echo hello"] }), {
      logsConfig: { cloudWatchLogs: { status: "DISABLED" }, s3Logs: { status: "ENABLED", location: "bucket/logs" } },
    });
    const build = await kit.run("logged");
    expect(build.logs?.groupName).toBeUndefined();
    const [Key = ""] = await kit.keys("logs/");
    const { Body } = await kit.clients.s3.send(new GetObjectCommand({ Bucket: "bucket", Key }));
    expect(gunzipSync((await Body?.transformToByteArray()) ?? "").toString()).toMatch(
      /Entering phase BUILD\n.*Running command echo hello\nhello\n/,
    );
  });

  it("report their tests", async () => {
    const xml =
      '<testsuite name="s"><testcase name="good" time="1"/><testcase name="bad"><failure message="no"/></testcase></testsuite>';
    const { reportGroup } = await kit.clients.codebuild.send(
      new CreateReportGroupCommand({ name: "own", type: "TEST", exportConfig: { exportConfigType: "NO_EXPORT" } }),
    );
    const buildspec = spec(
      { build: [`mkdir out; echo '${xml}' > out/t.xml; echo '<coverage/>' > out/c.xml`] },
      {
        reports: {
          unit: { files: "*.xml", "base-directory": "out", "discard-paths": "no" },
          [reportGroup?.arn ?? ""]: { files: "out/t.xml" },
          cover: { files: "out/c.xml", "file-format": "COBERTURAXML" },
        },
      },
    );
    await kit.createProject("tested", buildspec);
    const build = await kit.run("tested");
    expect(build.buildStatus).toBe("SUCCEEDED");
    const { reports = [] } = await kit.clients.codebuild.send(
      new BatchGetReportsCommand({ reportArns: build.reportArns }),
    );
    expect(reports.map(({ name, status, testSummary }) => [name, status, testSummary?.total])).toEqual([
      ["tested-unit", "FAILED", 2],
      ["own", "FAILED", 2],
      ["tested-cover", "INCOMPLETE", 0],
    ]);
    expect(await kit.log(build)).toContain(
      "[Container] Error while processing report cover: reports of code coverage (COBERTURAXML) are not read by Trysail",
    );
    const reportArn = reports[0]?.arn ?? "";
    const { testCases = [] } = await kit.clients.codebuild.send(
      new DescribeTestCasesCommand({ reportArn, filter: { status: "FAILED" } }),
    );
    expect(testCases).toEqual([
      expect.objectContaining({ name: "bad", message: "no", testRawDataPath: "out/t.xml", testSuiteName: "s" }),
    ]);
    const of = { reportGroupArn: reportGroup?.arn ?? "" };
    expect((await kit.clients.codebuild.send(new ListReportsForReportGroupCommand(of))).reports).toEqual([
      reports[1]?.arn,
    ]);
    await expect(
      kit.clients.codebuild.send(new DeleteReportGroupCommand({ arn: of.reportGroupArn })),
    ).rejects.toMatchObject({ name: "InvalidInputException" });
    await kit.cloud.clock.advance({ days: 30 });
    expect(
      (await kit.clients.codebuild.send(new BatchGetReportsCommand({ reportArns: [reportArn] }))).reportsNotFound,
    ).toEqual([reportArn]);
  });

  it("are listed, and deleted when they have ended", async () => {
    await kit.createProject("listed", spec({ build: ["true"] }));
    const ids = [];
    for (let i = 0; i < 3; i += 1) ids.unshift((await kit.run("listed")).id);
    const list = async (sortOrder?: "ASCENDING") =>
      (await kit.clients.codebuild.send(new ListBuildsForProjectCommand({ projectName: "listed", sortOrder }))).ids;
    expect([await list(), await list("ASCENDING")]).toEqual([ids, ids.toReversed()]);
    expect(
      (await kit.clients.codebuild.send(new ListBuildsCommand({}))).ids
        ?.filter((id) => id.startsWith("listed:"))
        .toSorted(),
    ).toEqual(ids.toSorted());
    const { buildsDeleted, buildsNotDeleted } = await kit.clients.codebuild.send(
      new BatchDeleteBuildsCommand({ ids: [ids[0] ?? "", "listed:gone"] }),
    );
    expect([buildsDeleted, buildsNotDeleted]).toEqual([
      [expect.stringMatching(`build/${ids[0]}$`)],
      [{ id: "listed:gone", statusCode: "BUILD_NOT_FOUND" }],
    ]);
    expect(await list()).toEqual(ids.slice(1));
  });
});

describe("projects", () => {
  it("are changed by what is given, and only by that", async () => {
    await kit.createProject("changing", spec({ build: ["true"] }), {
      description: "first",
      tags: [{ key: "a", value: "b" }],
    });
    await kit.clients.codebuild.send(
      new UpdateProjectCommand({ name: "changing", description: "second", timeoutInMinutes: 10 }),
    );
    const { projects = [], projectsNotFound } = await kit.clients.codebuild.send(
      new BatchGetProjectsCommand({ names: ["changing", "nowhere"] }),
    );
    expect(projects).toEqual([
      expect.objectContaining({
        description: "second",
        timeoutInMinutes: 10,
        tags: [{ key: "a", value: "b" }],
        arn: "arn:aws:codebuild:us-east-1:000000000000:project/changing",
      }),
    ]);
    expect(projectsNotFound).toEqual(["nowhere"]);
  });

  it("that cannot be built here are refused, with the reason", async () => {
    const windows = {
      type: "WINDOWS_SERVER_2022_CONTAINER",
      image: "w",
      computeType: "BUILD_GENERAL1_MEDIUM",
    } as const;
    await expect(kit.createProject("windows", spec({}), { environment: windows })).rejects.toMatchObject({
      name: "InvalidInputException",
      message: expect.stringContaining("WINDOWS_SERVER_2022_CONTAINER") as string,
    });
    await expect(kit.createProject("x y", spec({}))).rejects.toThrow(/Invalid project name/);
    await expect(kit.createProject("long", spec({}), { timeoutInMinutes: 3000 })).rejects.toThrow(
      "Invalid timeoutInMinutes: it must be between 5 and 2160.",
    );
    await expect(kit.createProject("nowhere", undefined, { source: { type: "S3" } })).rejects.toThrow(
      "Invalid project source: location must not be empty.",
    );
    await expect(kit.start({ projectName: "missing" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Project cannot be found: arn:aws:codebuild:us-east-1:000000000000:project/missing",
    });
  });
});
