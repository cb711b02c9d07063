import { ListPipelineExecutionsCommand } from "@aws-sdk/client-codepipeline";
import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { allPipelines } from "../pipeline/pipelines.ts";
import { inColumns } from "../terminal/columns.ts";
import { processTerminal } from "../terminal/terminal.ts";

/** `trysail pipeline list` */
export async function list(options: {
  readonly data?: string;
  readonly region?: string;
  readonly json?: boolean;
}): Promise<number> {
  const { line, note, style } = processTerminal();
  const pipelines = await Promise.all(
    (await allPipelines(await connect(options.data), options.region)).map(async ({ name, region, client }) => {
      const { pipelineExecutionSummaries = [] } = await client.send(
        new ListPipelineExecutionsCommand({ pipelineName: name, maxResults: 1 }),
      );
      const {
        pipelineExecutionId: executionId,
        status,
        startTime,
        lastUpdateTime,
      } = pipelineExecutionSummaries[0] ?? {};
      return { name, region, executionId, status, startTime, lastUpdateTime };
    }),
  );
  if (options.json === true) {
    line(JSON.stringify(pipelines));
    return exitCodes.ok;
  }
  if (pipelines.length === 0) note("There are no pipelines yet. Deploy one with: trysail exec -- cdk deploy");
  const rows = pipelines.map(({ name, region, status, lastUpdateTime }) => [
    style.bold(name),
    region,
    status ?? "never ran",
    lastUpdateTime?.toLocaleString("sv-SE") ?? "",
  ]);
  for (const row of inColumns(rows)) line(row);
  return exitCodes.ok;
}
