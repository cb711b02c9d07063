import type { Connection } from "../connection.ts";
import { liveBlock } from "../terminal/live-block.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { actionLogs } from "./action-log.ts";
import { isOver } from "./execution-view.ts";
import type { ExecutionView } from "./execution-view.ts";
import type { FoundPipeline } from "./pipelines.ts";
import { followExecution } from "./read-execution.ts";
import { tellingLines } from "./telling-lines.ts";
import { changeLines, executionLines } from "./render.ts";

export interface ShowOptions {
  /** Each change as a line of JSON. @defaultValue false */
  readonly isJson?: boolean;
  readonly signal?: AbortSignal;
  /** How many of a failed build's last lines are shown. @defaultValue 30 */
  readonly logTailLines?: number;
  /** Whether enough was seen. @defaultValue no, until it is over */
  readonly until?: (view: ExecutionView) => boolean;
}

/** How far back a failed build's log is read: CodeBuild's own lines are not shown. */
const linesRead = 1000;

/** Shows an execution until it is over, or enough was seen, and then the last lines of the builds that failed. */
export async function showExecution(
  terminal: Terminal,
  connection: Connection,
  pipeline: FoundPipeline,
  executionId: string,
  options: ShowOptions,
): Promise<ExecutionView> {
  const { isJson = false, signal, logTailLines = 30, until = () => false } = options;
  const block = liveBlock(terminal);
  let last: ExecutionView | undefined;
  let told = "";
  try {
    for await (const view of followExecution(pipeline, executionId, signal)) {
      if (isJson) {
        const text = JSON.stringify(view);
        if (text !== told) terminal.line(text);
        told = text;
      } else if (terminal.isLive) {
        block.draw(executionLines(view, Date.now(), terminal.style));
      } else {
        for (const line of changeLines(last, view, terminal.style)) terminal.line(line);
      }
      last = view;
      if (until(view)) break;
    }
  } finally {
    block.end();
  }
  if (last === undefined) throw new Error("an execution was followed, and not seen once");
  if (isOver(last) && last.status !== "Succeeded" && !isJson)
    await showFailedLogs(terminal, connection, pipeline.region, last, logTailLines);
  return last;
}

async function showFailedLogs(
  terminal: Terminal,
  connection: Connection,
  region: string,
  view: ExecutionView,
  lastLines: number,
): Promise<void> {
  for (const { stage, action, lines } of await actionLogs(
    connection,
    region,
    view,
    ({ status }) => status === "Failed",
    linesRead,
  )) {
    terminal.line();
    terminal.line(terminal.style.bold(`The last lines of ${stage} / ${action}:`));
    for (const line of tellingLines(lines, lastLines)) terminal.line(`  ${line}`);
    terminal.line(terminal.style.dim(`All of them: trysail pipeline logs ${view.pipeline} --action ${action}`));
  }
}
