import { TrysailError } from "@trysail/core";
import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { actionLogs } from "../pipeline/action-log.ts";
import { shortId } from "../pipeline/execution-view.ts";
import { findPipeline, latestExecution } from "../pipeline/pipelines.ts";
import { readExecution } from "../pipeline/read-execution.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface LogsOptions {
  readonly data?: string;
  readonly region?: string;
  readonly execution?: string;
  readonly action?: string;
  readonly json?: boolean;
}

/** `trysail pipeline logs` */
export async function logs(name: string | undefined, options: LogsOptions): Promise<number> {
  const { line, note, style } = processTerminal();
  const connection = await connect(options.data);
  const pipeline = await findPipeline(connection, name, options.region);
  const view = await readExecution(pipeline, options.execution ?? (await latestExecution(pipeline)));
  const { action: wanted } = options;
  if (wanted !== undefined && !view.stages.some(({ actions }) => actions.some((action) => action.name === wanted))) {
    throw new TrysailError("action-not-found", `The pipeline ${pipeline.name} has no action "${wanted}".`, {
      fault: "user",
    });
  }
  const found = await actionLogs(
    connection,
    pipeline.region,
    view,
    (action) => wanted === undefined || action.name === wanted,
  );
  if (options.json === true) {
    line(JSON.stringify(found));
    return exitCodes.ok;
  }
  if (found.length === 0)
    note(
      `Execution ${shortId(view.executionId)} of ${pipeline.name} has no logs${wanted === undefined ? "" : ` of ${wanted}`} yet.`,
    );
  for (const { stage, action, lines } of found) {
    if (found.length > 1) line(style.bold(`${stage} / ${action}`));
    for (const text of lines) line(text);
  }
  return exitCodes.ok;
}
