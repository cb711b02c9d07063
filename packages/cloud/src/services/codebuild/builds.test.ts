import type { Build } from "@aws-sdk/client-codebuild";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { homedir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measured } from "../../testing/metrics.test-kit.ts";
import { spec, startBuildCloud } from "./codebuild.test-kit.ts";
import type { BuildCloud } from "./codebuild.test-kit.ts";

let kit: BuildCloud;
beforeAll(async () => {
  kit = await startBuildCloud();
});
afterAll(() => kit.cloud.stop());

const phases = ({ phases: all = [] }: Build) =>
  all.map(({ phaseType, phaseStatus }) => `${phaseType} ${phaseStatus ?? ""}`.trim());
const contexts = ({ phases: all = [] }: Build) =>
  all.flatMap(({ phaseStatus, contexts: own = [] }) =>
    phaseStatus === "SUCCEEDED" ? [] : own.map(({ statusCode, message }) => `${statusCode}: ${message}`),
  );

describe("a build", () => {
  it("runs its commands in one shell, and logs as CodeBuild does", async () => {
    await kit.createProject(
      "simple",
      spec({ pre_build: ["cd /; export WHO=you"], build: ["echo hello $WHO; pwd", "printf 'no line end'"] }),
    );
    const build = await kit.run("simple");
    expect(build).toMatchObject({
      buildStatus: "SUCCEEDED",
      buildNumber: 1,
      projectName: "simple",
      currentPhase: "COMPLETED",
    });
    expect(phases(build)).toEqual([
      "SUBMITTED SUCCEEDED",
      "QUEUED SUCCEEDED",
      "PROVISIONING SUCCEEDED",
      "DOWNLOAD_SOURCE SUCCEEDED",
      "INSTALL SUCCEEDED",
      "PRE_BUILD SUCCEEDED",
      "BUILD SUCCEEDED",
      "POST_BUILD SUCCEEDED",
      "UPLOAD_ARTIFACTS SUCCEEDED",
      "FINALIZING SUCCEEDED",
      "COMPLETED",
    ]);
    const lines = await kit.log(build);
    expect(lines[0]).toMatch(/^\[Container\] Running on Trysail: .*aws\/codebuild\/standard:7.0 is not run$/);
    const from = lines.indexOf("[Container] Entering phase BUILD");
    expect(lines.slice(from, from + 8)).toEqual([
      "[Container] Entering phase BUILD",
      "[Container] Running command echo hello $WHO; pwd",
      "hello you",
      "/",
      "[Container] Running command printf 'no line end'",
      "no line end",
      "[Container] Phase complete: BUILD State: SUCCEEDED",
      "[Container] Phase context status code:  Message:",
    ]);
    expect(build.logs).toMatchObject({ groupName: "/aws/codebuild/simple", streamName: build.id?.split(":")[1] });
  });

  it("is measured, by its project and by its phases", async () => {
    await kit.createProject("measured", spec({ build: ["true"] }));
    await kit.createProject("measured-to-fail", spec({ build: ["false"] }));
    const { id = "", buildNumber } = await kit.run("measured");
    await kit.run("measured-to-fail");
    const of = (name: string, dimensions: Record<string, string>, statistic?: "SampleCount") =>
      measured(kit.cloud, `AWS/CodeBuild/${name}`, dimensions, statistic);
    const ProjectName = "measured";
    expect(await of("Builds", { ProjectName })).toBe(1);
    expect(await of("SucceededBuilds", { ProjectName })).toBe(1);
    expect(await of("FailedBuilds", { ProjectName })).toBeUndefined();
    expect(await of("FailedBuilds", { ProjectName: "measured-to-fail" })).toBe(1);
    expect(await of("Duration", { ProjectName }, "SampleCount")).toBe(1);
    const build = { BuildId: id, BuildNumber: String(buildNumber), ProjectName };
    expect(await of("DownloadSourceDuration", build, "SampleCount")).toBe(1);
  });

  it("that fails in BUILD still runs POST_BUILD and uploads; finally runs in any case", async () => {
    const buildspec = spec(
      {
        build: {
          commands: ["echo made > out.txt", "exit 3", "echo never"],
          finally: ["echo finally $CODEBUILD_BUILD_SUCCEEDING"],
        },
        post_build: ["echo after $CODEBUILD_BUILD_SUCCEEDING"],
      },
      { artifacts: { files: "out.txt" } },
    );
    await kit.createProject("failing", buildspec, {
      artifacts: { type: "S3", location: "bucket", name: "failing", packaging: "ZIP" },
    });
    const build = await kit.run("failing");
    expect(build.buildStatus).toBe("FAILED");
    expect(phases(build).slice(4)).toEqual([
      "INSTALL SUCCEEDED",
      "PRE_BUILD SUCCEEDED",
      "BUILD FAILED",
      "POST_BUILD SUCCEEDED",
      "UPLOAD_ARTIFACTS SUCCEEDED",
      "FINALIZING SUCCEEDED",
      "COMPLETED",
    ]);
    expect(contexts(build)).toEqual([
      "COMMAND_EXECUTION_ERROR: Error while executing command: exit 3. Reason: exit status 3",
    ]);
    const lines = await kit.log(build);
    expect(lines).toEqual(
      expect.arrayContaining([
        "[Container] Command did not exit successfully exit 3 exit status 3",
        "finally 0",
        "after 0",
      ]),
    );
    expect(lines).not.toContain("never");
    expect(await kit.readZip("failing")).toEqual({ "out.txt": "made\n" });
  });

  it("that fails in INSTALL, or is told to abort, ends there; one that is told to continue goes on", async () => {
    await kit.createProject("install", spec({ install: ["false"], build: ["true"] }));
    expect(phases(await kit.run("install")).slice(4)).toEqual(["INSTALL FAILED", "FINALIZING SUCCEEDED", "COMPLETED"]);
    const abort = spec({ build: { commands: ["false"], "on-failure": "ABORT" }, post_build: ["true"] });
    expect(phases(await kit.run("install", { buildspecOverride: abort })).slice(6)).toEqual([
      "BUILD FAILED",
      "FINALIZING SUCCEEDED",
      "COMPLETED",
    ]);
    const on = spec({ install: { commands: ["false"], "on-failure": "CONTINUE" }, build: ["true"] });
    const build = await kit.run("install", { buildspecOverride: on });
    expect(phases(build).slice(4, 7)).toEqual(["INSTALL FAILED", "PRE_BUILD SUCCEEDED", "BUILD SUCCEEDED"]);
    expect(build.buildStatus).toBe("FAILED");
  });

  it("whose buildspec is wrong or missing says where", async () => {
    const broken = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b\n";
    await kit.createProject("broken", broken);
    const build = await kit.run("broken");
    expect(phases(build).slice(3)).toEqual(["DOWNLOAD_SOURCE FAILED", "FINALIZING SUCCEEDED", "COMPLETED"]);
    expect(contexts(build)).toEqual([
      "YAML_FILE_ERROR: Expected Commands[0] to be of string type: found subkeys instead at line 5, value of the key tag on line 4 might be empty",
    ]);
    await kit.putZip("empty.zip", { "a.txt": "a" });
    await kit.createProject("missing", "ci/build.yml", {
      source: { type: "S3", location: "bucket/empty.zip", buildspec: "ci/build.yml" },
    });
    expect(contexts(await kit.run("missing"))).toEqual([
      expect.stringMatching(/^YAML_FILE_ERROR: stat .*\/src\/ci\/build\.yml: no such file or directory$/),
    ]);
  });

  it("has variables from all places, and shows no secret", async () => {
    await kit.cloud
      .client(SecretsManagerClient)
      .send(new CreateSecretCommand({ Name: "db", SecretString: JSON.stringify({ password: "hunter2" }) }));
    const ssm = kit.cloud.client(SSMClient);
    await ssm.send(new PutParameterCommand({ Name: "/ci/token", Value: "s3cr3t-token", Type: "SecureString" }));
    await ssm.send(new PutParameterCommand({ Name: "/ci/stage", Value: "beta", Type: "String" }));
    const buildspec = spec(
      {
        build: [
          "echo $FROM_SPEC $FROM_PROJECT $FROM_START $STAGE",
          "echo $PASSWORD $TOKEN ${#PASSWORD} ${#TOKEN}",
          "RESULT=$(echo 4\\ 2); AWS_X=1",
        ],
      },
      {
        env: {
          variables: { FROM_SPEC: "spec", FROM_PROJECT: "spec", FROM_START: "spec" },
          "parameter-store": { TOKEN: "/ci/token", STAGE: "/ci/stage" },
          "secrets-manager": { PASSWORD: "db:password" },
          "exported-variables": ["RESULT", "FROM_START", "PASSWORD", "AWS_X", "UNSET"],
        },
      },
    );
    const environment = {
      type: "LINUX_CONTAINER",
      image: "i",
      computeType: "BUILD_GENERAL1_SMALL",
      environmentVariables: [
        { name: "FROM_PROJECT", value: "project" },
        { name: "FROM_START", value: "project" },
      ],
    } as const;
    await kit.createProject("variables", buildspec, {
      environment: { ...environment, environmentVariables: [...environment.environmentVariables] },
    });
    const build = await kit.run("variables", {
      environmentVariablesOverride: [{ name: "FROM_START", value: "start" }],
    });
    expect(await kit.log(build)).toEqual(expect.arrayContaining(["spec project start beta", "*** *** 7 12"]));
    expect(build.exportedEnvironmentVariables).toEqual([
      { name: "RESULT", value: "4 2" },
      { name: "FROM_START", value: "start" },
      { name: "UNSET", value: "" },
    ]);
    const missing = spec({ build: ["true"] }, { env: { "secrets-manager": { X: "nothing:a" } } });
    expect(contexts(await kit.run("variables", { buildspecOverride: missing }))[0]).toMatch(
      /ResourceNotFoundException: .*environment variable X/,
    );
  });

  it("has a home, a git and an npm configuration of its own, and the credentials of its role", async () => {
    const commands = [
      "echo home=$HOME; echo region=$AWS_REGION endpoint=$AWS_ENDPOINT_URL",
      "git config --global user.name Robot && git config --global user.name",
      "npm prefix -g",
      'case "$AWS_ACCESS_KEY_ID" in ASIA*) echo issued;; esac',
      "echo $CODEBUILD_BUILD_ID $CODEBUILD_BUILD_NUMBER $CODEBUILD_SRC_DIR; pwd",
    ];
    await kit.createProject("own", spec({ build: commands }));
    const build = await kit.run("own");
    const lines = await kit.log(build);
    const home = lines.find((line) => line.startsWith("home="))?.slice(5) ?? "";
    expect(home.startsWith(kit.cloud.dataFolder)).toBe(true);
    expect(homedir()).not.toBe(home);
    expect(lines).toEqual(
      expect.arrayContaining([`region=us-east-1 endpoint=${kit.cloud.endpoint}`, "Robot", `${home}/npm`, "issued"]),
    );
    const last = lines.findIndex((line) => line.startsWith(`${build.id} 1 `));
    expect(lines[last]).toBe(`${build.id} 1 ${lines[last + 1]}`);
  });

  it("takes zipped and unzipped sources, and uploads artifacts as a pipeline asks for them", async () => {
    const buildspec = spec(
      {
        build: [
          "mkdir -p dist/sub; cat a.txt $CODEBUILD_SRC_DIR_extra/b.txt > dist/sub/both.txt; echo map > dist/x.map",
          "echo of $CODEBUILD_RESOLVED_SOURCE_VERSION",
        ],
      },
      {
        artifacts: {
          files: ["**/*"],
          "base-directory": "dist",
          "exclude-paths": ["**/*.map"],
          "secondary-artifacts": { extra: { files: "dist/x.map", "discard-paths": "yes" } },
        },
      },
    );
    await kit.putZip("in/source", { "a.txt": "a", "buildspec.yml": buildspec });
    await kit.put("in/folder/b.txt", "b");
    await kit.createProject("piped", undefined, {
      source: { type: "CODEPIPELINE" },
      artifacts: { type: "CODEPIPELINE" },
    });
    await expect(kit.start({ projectName: "piped" })).rejects.toMatchObject({
      name: "InvalidInputException",
      message: expect.stringContaining("CODEPIPELINE") as string,
    });
    const build = await kit.run("piped", {
      sourceTypeOverride: "S3",
      environmentVariablesOverride: [{ name: "CODEBUILD_RESOLVED_SOURCE_VERSION", value: "c0ffee" }],
      sourceLocationOverride: "bucket/in/source",
      secondarySourcesOverride: [{ type: "S3", location: "bucket/in/folder/", sourceIdentifier: "extra" }],
      artifactsOverride: {
        type: "S3",
        location: "bucket",
        path: "pipe/BuildArtif",
        name: "abc1234",
        packaging: "ZIP",
        overrideArtifactName: false,
        namespaceType: "NONE",
      },
      secondaryArtifactsOverride: [
        { type: "S3", location: "bucket", path: "pipe", name: "more", packaging: "NONE", artifactIdentifier: "extra" },
      ],
    });
    expect(contexts(build)).toEqual([]);
    expect(build).toMatchObject({ resolvedSourceVersion: "c0ffee", environment: { environmentVariables: [] } });
    expect(await kit.log(build)).toContain("of c0ffee");
    expect(await kit.readZip("pipe/BuildArtif/abc1234")).toEqual({ "sub/both.txt": "ab" });
    expect(await kit.text("pipe/more/x.map")).toBe("map\n");
    expect(build.artifacts).toMatchObject({
      location: "arn:aws:s3:::bucket/pipe/BuildArtif/abc1234",
      sha256sum: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(build.secondaryArtifacts).toEqual([
      expect.objectContaining({ location: "arn:aws:s3:::bucket/pipe/more", artifactIdentifier: "extra" }),
    ]);
  });

  it("names its artifact in the shell's language, and fails where it made none", async () => {
    const buildspec = spec(
      { build: ["mkdir out; echo 1 > out/1; TAG='a b'"] },
      {
        artifacts: {
          files: ["**/*"],
          "base-directory": "out",
          name: 'builds/$CODEBUILD_BUILD_NUMBER/"$TAG"-$(echo "x y")',
        },
      },
    );
    const artifacts = {
      type: "S3",
      location: "bucket",
      path: "named",
      packaging: "NONE",
      overrideArtifactName: true,
    } as const;
    await kit.createProject("named", buildspec, { artifacts });
    const build = await kit.run("named");
    expect(await kit.keys("named/")).toEqual(['named/builds/1/"a b"-x y/1']);
    expect(build.artifacts?.location).toBe('arn:aws:s3:::bucket/named/builds/1/"a b"-x y');
    const none = spec({ build: ["true"] }, { artifacts: { files: ["out/*"] } });
    const failed = await kit.run("named", { buildspecOverride: none });
    expect(contexts(failed)).toEqual(["CLIENT_ERROR: no matching artifact paths found"]);
    expect(phases(failed).at(-3)).toBe("UPLOAD_ARTIFACTS FAILED");
  });

  it("with buildspec 0.1 runs each command in a shell of its own", async () => {
    await kit.createProject("isolated", spec({ build: ["cd /; export A=1", "echo A=$A"] }, { version: "0.1" }));
    expect(await kit.log(await kit.run("isolated"))).toContain("A=");
  });

  it("whose role is not there fails in PROVISIONING", async () => {
    await kit.createProject("roleless", spec({ build: ["true"] }), {
      serviceRole: "arn:aws:iam::000000000000:role/missing",
    });
    const build = await kit.run("roleless");
    expect(phases(build).slice(2)).toEqual(["PROVISIONING FAILED", "COMPLETED"]);
    expect(contexts(build)[0]).toMatch(
      /^ACCESS_DENIED: CodeBuild is not authorized to perform: sts:AssumeRole on arn:aws:iam::000000000000:role\/missing/,
    );
  });
});
