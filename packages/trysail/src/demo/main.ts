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
import { durationText } from "../terminal/duration.ts";
import { processTerminal } from "../terminal/terminal.ts";
import { prepareDemoData, removeDemoData } from "./demo-data.ts";
import { showDelivery } from "./show-delivery.ts";
import { tellStory } from "./story.ts";
import type { Ending } from "./story.ts";
import { metText, startUsers } from "./users.ts";

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
    if (values.exit === true) return end.isLive ? exitCodes.ok : exitCodes.failure;
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

function invite({ isLive, urls, service, pipeline }: Ending): void {
  const show = (what: string, command: string) => terminal.line(`  ${what}\n    ${style.bold(command)}`);
  terminal.line(
    isLive ? "\nIt serves in three regions:" : `\n${style.red("The delivery failed.")} What it says is above.\n`,
  );
  for (const [region, url] of Object.entries(urls)) terminal.line(`  ${region}  ${style.bold(`${url}/play/storm`)}`);
  terminal.line("\nTry next, in another terminal, in this folder:");
  show(
    "push a version that fails 5 % of requests, and see it undone; or slow, crash or leak in place of errors",
    `cp ${project}examples/streaming/faults/errors.mjs ${service}/src/playback.mjs && git -C ${service} commit -am Faster && git -C ${service} push`,
  );
  show("see why", "npx trysail rollout report; npx trysail rollout journal");
  show(
    "put the good one back, and see it reach all regions",
    `git -C ${service} revert --no-edit HEAD && git -C ${service} push`,
  );
  show(
    "see and steer what goes on",
    `npx trysail rollout watch; npx trysail pipeline watch ${pipeline.name}; npx trysail ps`,
  );
  show("use your own CDK app", "npx trysail exec -- npx cdk deploy");
  terminal.line(
    "\nCtrl-C stops Trysail, and deletes what it holds. For a Trysail that stays: npx trysail up --data FOLDER\n",
  );
}

/** Shows what later pushes start, and how users fare meanwhile, until Ctrl-C. */
async function showWhatComes({ connection, pipeline, executionId, urls }: Ending): Promise<void> {
  const users = startUsers(Object.values(urls));
  try {
    for (let last = executionId; ;) {
      last = await nextExecution(pipeline, last, ending.signal);
      users.met();
      await showDelivery({ terminal, connection, pipeline, executionId: last, signal: ending.signal });
      terminal.line(`${metText(users.met())}\n`);
    }
  } finally {
    users.stop();
  }
}
