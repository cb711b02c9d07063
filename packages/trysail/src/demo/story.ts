import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { TrysailError } from "@trysail/core";
import { connectTo } from "../connection.ts";
import type { Connection } from "../connection.ts";
import { destinationOf } from "../environment/environment-files.ts";
import { changed, environmentChanges } from "../environment/environment.ts";
import type { LocalInstance } from "../instance/run-instance.ts";
import { showExecution } from "../pipeline/show-execution.ts";
import { findPipeline, newestExecution, nextExecution } from "../pipeline/pipelines.ts";
import type { FoundPipeline } from "../pipeline/pipelines.ts";
import { addRepository } from "../repositories.ts";
import { durationText } from "../terminal/duration.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { aside } from "./aside.ts";
import { runProgram } from "./programs.ts";
import type { ProgramOptions } from "./programs.ts";
import { visit } from "./visit.ts";

export interface Stage {
  readonly instance: LocalInstance;
  /** The project's folder, with the example and the CDK CLI. */
  readonly project: string;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** What has come of it. */
export interface Ending {
  readonly connection: Connection;
  readonly pipeline: FoundPipeline;
  /** The execution that the push has started. */
  readonly executionId: string;
  readonly isLive: boolean;
  readonly siteUrl: string;
  /** The working copy that was pushed. */
  readonly website: string;
}

const repositoryName = "acme/website";

/** The main job: deploys the example with the CDK CLI, pushes its website with git, and sees it live. */
export async function tellStory({ instance, project, terminal, signal }: Stage): Promise<Ending> {
  const { style } = terminal;
  const environment = {
    ...changed(process.env, environmentChanges(process.env, await destinationOf(instance))),
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
  const connection = await connectTo(instance);
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await work();
    terminal.line(`${style.green("✓")} ${name}  ${style.dim(durationText(performance.now() - startedAt))}`);
    return result;
  };

  const repository = await step(`Added the repository ${repositoryName}`, () =>
    addRepository(instance, repositoryName, undefined),
  );

  const example = join(project, "examples", "static-site");
  const outputs = join(instance.data, "outputs.json");
  await step("Deployed examples/static-site with the CDK CLI", () => {
    const files = ["--output", join(instance.data, "cdk.out"), "--outputs-file", outputs];
    const args = ["deploy", "--require-approval", "never", "--progress", "events", ...files];
    const cdk = join(project, "node_modules", ".bin", "cdk");
    return aside(terminal, (onLine) => runProgram(cdk, args, { cwd: example, environment, signal, onLine }));
  });
  const siteUrl = await readSiteUrl(outputs);

  const pipeline = await findPipeline(connection, "website", undefined);
  const before = await newestExecution(pipeline);
  const website = join(instance.data, "website");
  await cp(join(example, "site"), website, { recursive: true });
  const pushedAt = performance.now();
  const commit = await step("Pushed its website with git", () => {
    const options = { cwd: website, environment: gitEnvironment(environment), signal };
    return aside(terminal, (onLine) => push(website, repository.url, { ...options, onLine }));
  });

  const executionId = await nextExecution(pipeline, before, signal);
  const { status } = await showExecution(terminal, connection, pipeline, executionId, { signal, logTailLines: 200 });
  const isLive = status === "Succeeded";
  if (isLive) {
    await step("The site shows the commit", () => expectCommit(siteUrl, commit));
    terminal.line(style.dim(`  ${durationText(performance.now() - pushedAt)} from the push to here`));
  }
  return { connection, pipeline, executionId, isLive, siteUrl, website };
}

/** The user's own configuration of git, its hooks and signing keys, is left out of it. */
function gitEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" };
}

/** @returns the commit's id */
async function push(website: string, url: string, options: ProgramOptions): Promise<string> {
  const git = (...args: string[]) => runProgram("git", args, options);
  const quietly = { ...options, onLine: () => {} };
  await runProgram("git", ["init", "--quiet", "--initial-branch=main"], quietly);
  await git("config", "user.name", "Trysail's example");
  await git("config", "user.email", "example@localhost");
  await git("add", ".");
  await git("commit", "--quiet", "--message", "Begin the website");
  await git("remote", "add", "origin", url);
  await git("push", "--quiet", "--set-upstream", "origin", "main");
  return (await readFile(join(website, ".git", "refs", "heads", "main"), "utf8")).trim();
}

async function readSiteUrl(outputs: string): Promise<string> {
  const stacks = JSON.parse(await readFile(outputs, "utf8")) as Readonly<
    Record<string, Readonly<Record<string, string>>>
  >;
  const url = stacks["StaticSite"]?.["SiteUrl"];
  if (url === undefined) throw new TrysailError("output-missing", "The stack StaticSite has no output SiteUrl.");
  return url;
}

async function expectCommit(url: string, commit: string): Promise<void> {
  const { status, body } = await visit(url);
  if (status === 200 && body.includes(commit.slice(0, 7))) return;
  throw new TrysailError(
    "site-not-live",
    `${url} answers ${status}, and does not show the commit ${commit.slice(0, 7)}.`,
  );
}
