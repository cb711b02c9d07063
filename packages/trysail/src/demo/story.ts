import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { TrysailError } from "@trysail/core";
import { connectTo } from "../connection.ts";
import type { Connection } from "../connection.ts";
import { destinationOf } from "../environment/environment-files.ts";
import { changed, environmentChanges } from "../environment/environment.ts";
import type { LocalInstance } from "../instance/run-instance.ts";
import { findPipeline, newestExecution, nextExecution } from "../pipeline/pipelines.ts";
import type { FoundPipeline } from "../pipeline/pipelines.ts";
import { addRepository } from "../repositories.ts";
import { durationText } from "../terminal/duration.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { aside } from "./aside.ts";
import { showDelivery } from "./show-delivery.ts";
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
  readonly isLive: boolean;
  /** The service's addresses, by region. */
  readonly urls: Readonly<Record<string, string>>;
  /** The working copy that was pushed. */
  readonly service: string;
  /** The execution that the push has started. */
  readonly executionId: string;
}

const repositoryName = "acme/playback";

/** The main job: deploys the example with the CDK CLI, pushes its service with git, and sees it reach three regions. */
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

  const example = join(project, "examples", "streaming");
  const outputs = join(instance.data, "outputs.json");
  await step("Deployed examples/streaming to three regions with the CDK CLI", () => {
    const files = ["--output", join(instance.data, "cdk.out"), "--outputs-file", outputs];
    const args = [
      "deploy",
      "--all",
      "--concurrency",
      "4",
      "--require-approval",
      "never",
      "--progress",
      "events",
      ...files,
    ];
    const cdk = join(project, "node_modules", ".bin", "cdk");
    return aside(terminal, (onLine) => runProgram(cdk, args, { cwd: example, environment, signal, onLine }));
  });
  const urls = await readUrls(outputs);

  const pipeline = await findPipeline(connection, "playback", undefined);
  const before = await newestExecution(pipeline);
  const service = join(instance.data, "playback");
  await cp(join(example, "app"), service, { recursive: true });
  const pushedAt = performance.now();
  const commit = await step("Pushed its service with git", () => {
    const options = { cwd: service, environment: gitEnvironment(environment), signal };
    return aside(terminal, (onLine) => push(service, repository.url, { ...options, onLine }));
  });

  const executionId = await nextExecution(pipeline, before, signal);
  const isLive = await showDelivery({ terminal, connection, pipeline, executionId, signal });
  if (isLive) {
    await step("Each region serves the commit", () => expectCommit(urls, commit));
    terminal.line(style.dim(`  ${durationText(performance.now() - pushedAt)} from the push to here`));
  }
  return { connection, pipeline, executionId, isLive, urls, service };
}

/** The user's own configuration of git, its hooks and signing keys, is left out of it. */
function gitEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" };
}

/** @returns the commit's id */
async function push(folder: string, url: string, options: ProgramOptions): Promise<string> {
  const git = (...args: string[]) => runProgram("git", args, options);
  const quietly = { ...options, onLine: () => {} };
  await runProgram("git", ["init", "--quiet", "--initial-branch=main"], quietly);
  await git("config", "user.name", "Trysail's example");
  await git("config", "user.email", "example@localhost");
  await git("add", ".");
  await git("commit", "--quiet", "--message", "Begin the service");
  await git("remote", "add", "origin", url);
  await git("push", "--quiet", "--set-upstream", "origin", "main");
  return (await readFile(join(folder, ".git", "refs", "heads", "main"), "utf8")).trim();
}

/** By region: the stacks that have an address. */
async function readUrls(outputs: string): Promise<Readonly<Record<string, string>>> {
  const stacks = JSON.parse(await readFile(outputs, "utf8")) as Readonly<
    Record<string, Readonly<Record<string, string>>>
  >;
  const urls = Object.entries(stacks).flatMap(([stack, { Url: url }]) =>
    url === undefined ? [] : [[stack.replace(/^Playback-/, ""), url]],
  );
  if (urls.length === 0) throw new TrysailError("output-missing", "No stack of the example has an output Url.");
  return Object.fromEntries(urls) as Readonly<Record<string, string>>;
}

async function expectCommit(urls: Readonly<Record<string, string>>, commit: string): Promise<void> {
  for (const url of Object.values(urls)) {
    const { status, body } = await visit(`${url}/play/storm`);
    if (status === 200 && body.includes(commit.slice(0, 7))) continue;
    throw new TrysailError(
      "not-live",
      `${url} answers ${status}, and does not serve the commit ${commit.slice(0, 7)}.`,
    );
  }
}
