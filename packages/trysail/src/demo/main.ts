import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { codeOf } from "@trysail/core";
import { exitCodes } from "../exit-codes.ts";
import { failureOf } from "../failure.ts";
import { runInstance } from "../instance/run-instance.ts";
import type { LocalInstance } from "../instance/run-instance.ts";
import { nextExecution } from "../pipeline/pipelines.ts";
import { showExecution } from "../pipeline/show-execution.ts";
import { durationText } from "../terminal/duration.ts";
import { processTerminal } from "../terminal/terminal.ts";
import { prepareDemoData, removeDemoData } from "./demo-data.ts";
import { tellStory } from "./story.ts";
import type { Ending } from "./story.ts";

const project = fileURLToPath(new URL("../../../../", import.meta.url));
const defaultPort = 4566;

const terminal = processTerminal();
const { style } = terminal;
const { values } = parseArgs({ options: { exit: { type: "boolean" }, port: { type: "string" } } });

/** Ends everything: on Ctrl-C, and when the terminal is closed. */
const ending = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => ending.abort(new Error("stopped")));

const data = resolve(process.env["TRYSAIL_DATA"] ?? `${project}.trysail`);
try {
  await mkdir(data, { recursive: true });
  await prepareDemoData(data);
  try {
    process.exitCode = await perform();
  } finally {
    await removeDemoData(data);
  }
} catch (error) {
  const { message, next, exitCode } = failureOf(error);
  process.stderr.write(`${style.red("✗")} ${message}\n${next === undefined ? "" : `${next}\n`}`);
  process.exitCode = exitCode;
}

async function perform(): Promise<number> {
  const startedAt = performance.now();
  const instance = await start();
  terminal.line(
    `${style.green("✓")} Trysail is ready at ${instance.endpoint}  ${style.dim(durationText(performance.now() - startedAt))}`,
  );
  try {
    const end = await tellStory({ instance, project, terminal, signal: ending.signal });
    if (values.exit === true) {
      if (end.isLive) terminal.line(`\n${style.bold(end.siteUrl)}`);
      return end.isLive ? exitCodes.ok : exitCodes.failure;
    }
    invite(end);
    await showWhatComes(end);
    return exitCodes.ok;
  } catch (error) {
    // Ctrl-C is how a stay ends, and no failure; what it interrupts fails for no reason of its own.
    if (ending.signal.aborted) return values.exit === true ? 130 : exitCodes.ok;
    throw error;
  } finally {
    terminal.line(style.dim("Stopping, and deleting the demonstration's data."));
    await instance.stop();
  }
}

async function start(): Promise<LocalInstance> {
  const port = values.port === undefined ? defaultPort : Number(values.port);
  try {
    return await runInstance({ data, port });
  } catch (error) {
    if (codeOf(error) !== "port-in-use" || values.port !== undefined) throw error;
    terminal.line(`${style.yellow("!")} ${failureOf(error).message.replace("; use --port", "")} Taking a free one.`);
    return runInstance({ data, port: 0 });
  }
}

function invite({ isLive, siteUrl, website, pipeline }: Ending): void {
  const show = (text: string, command: string) => terminal.line(`  ${text}\n    ${style.bold(command)}`);
  terminal.line(
    isLive
      ? `\nThe site is live: ${style.bold(siteUrl)}\n`
      : `\n${style.red("The pipeline failed.")} Its log is above.\n`,
  );
  terminal.line("Try next, in another terminal, in this folder:");
  show(
    "change the page, push, and load it again",
    `cd ${website} && sed -i.bak 's/It is live/Hello/' src/index.html && git commit -am Hello && git push`,
  );
  show(
    "see the pipeline, and what its builds wrote",
    `npx trysail pipeline watch ${pipeline.name}; npx trysail pipeline logs ${pipeline.name}`,
  );
  show("use your own CDK app", "npx trysail exec -- npx cdk deploy");
  terminal.line(
    "\nCtrl-C stops Trysail, and deletes what it holds. For a Trysail that stays: npx trysail up --data FOLDER\n",
  );
}

/** Shows the executions that later pushes start, until Ctrl-C. */
async function showWhatComes({ connection, pipeline, executionId, siteUrl }: Ending): Promise<void> {
  for (let last = executionId; ;) {
    last = await nextExecution(pipeline, last, ending.signal);
    const { status } = await showExecution(terminal, connection, pipeline, last, { signal: ending.signal });
    if (status === "Succeeded") terminal.line(`Live: ${style.bold(siteUrl)}\n`);
  }
}
