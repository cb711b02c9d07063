import { setTimeout as wait } from "node:timers/promises";
import { connect } from "../connection.ts";
import type { Connection } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { actionLogs } from "../pipeline/action-log.ts";
import type { ExecutionView } from "../pipeline/execution-view.ts";
import { findPipeline, latestExecution, newestExecution } from "../pipeline/pipelines.ts";
import type { FoundPipeline } from "../pipeline/pipelines.ts";
import { followExecution } from "../pipeline/read-execution.ts";
import { changeLines, executionLines } from "../pipeline/render.ts";
import { liveBlock } from "../terminal/live-block.ts";
import { processTerminal } from "../terminal/terminal.ts";
import type { Terminal } from "../terminal/terminal.ts";

interface WatchOptions {
  readonly data?: string;
  readonly region?: string;
  readonly execution?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** How many of a failed build's last lines are shown. */
const logTailLines = 20;

/** How often a next execution is looked for. */
const lookMs = 300;

/** `trysail pipeline watch` */
export async function watch(name: string | undefined, options: WatchOptions): Promise<number> {
  const terminal = processTerminal({ isQuiet: options.json === true });
  const connection = await connect(options.data);
  const pipeline = await findPipeline(connection, name, options.region);
  let executionId = options.execution ?? (await latestExecution(pipeline));
  for (;;) {
    const end = await show(terminal, connection, pipeline, executionId, options.json === true);
    if (options.follow !== true) return end.status === "Succeeded" ? exitCodes.ok : exitCodes.failure;
    executionId = await nextExecution(pipeline, executionId);
  }
}

async function nextExecution(pipeline: FoundPipeline, after: string): Promise<string> {
  for (;;) {
    const newest = await newestExecution(pipeline);
    if (newest !== undefined && newest !== after) return newest;
    await wait(lookMs);
  }
}

/** Shows an execution until it is over, and the last lines of the builds that failed. */
export async function show(
  terminal: Terminal,
  connection: Connection,
  pipeline: FoundPipeline,
  executionId: string,
  isJson: boolean,
): Promise<ExecutionView> {
  const block = liveBlock(terminal);
  let before: ExecutionView | undefined;
  let told = "";
  for await (const view of followExecution(pipeline, executionId)) {
    if (isJson) {
      const text = JSON.stringify(view);
      if (text !== told) terminal.line(text);
      told = text;
    } else if (terminal.isLive) {
      block.draw(executionLines(view, Date.now(), terminal.style));
    } else {
      for (const line of changeLines(before, view, terminal.style)) terminal.line(line);
    }
    before = view;
  }
  block.end();
  const last = before as ExecutionView;
  if (last.status !== "Succeeded" && !isJson) await showFailedLogs(terminal, connection, pipeline.region, last);
  return last;
}

async function showFailedLogs(
  terminal: Terminal,
  connection: Connection,
  region: string,
  view: ExecutionView,
): Promise<void> {
  for (const { stage, action, lines } of await actionLogs(
    connection,
    region,
    view,
    ({ status }) => status === "Failed",
    logTailLines,
  )) {
    terminal.line();
    terminal.line(terminal.style.bold(`The last lines of ${stage} / ${action}:`));
    for (const line of lines) terminal.line(`  ${line}`);
    terminal.line(terminal.style.dim(`All of them: trysail pipeline logs ${view.pipeline} --action ${action}`));
  }
}
