import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { findPipeline, latestExecution, nextExecution } from "../pipeline/pipelines.ts";
import { showExecution } from "../pipeline/show-execution.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface WatchOptions {
  readonly data?: string;
  readonly region?: string;
  readonly execution?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** `trysail pipeline watch` */
export async function watch(name: string | undefined, options: WatchOptions): Promise<number> {
  const isJson = options.json === true;
  const terminal = processTerminal({ isQuiet: isJson });
  const connection = await connect(options.data);
  const pipeline = await findPipeline(connection, name, options.region);
  let executionId = options.execution ?? (await latestExecution(pipeline));
  for (;;) {
    const end = await showExecution(terminal, connection, pipeline, executionId, { isJson });
    if (options.follow !== true) return end.status === "Succeeded" ? exitCodes.ok : exitCodes.failure;
    executionId = await nextExecution(pipeline, executionId);
  }
}
