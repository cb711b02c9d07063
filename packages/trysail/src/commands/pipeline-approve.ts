import { GetPipelineStateCommand, PutApprovalResultCommand } from "@aws-sdk/client-codepipeline";
import { TrysailError } from "@trysail/core";
import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { usageError } from "../failure.ts";
import { findPipeline } from "../pipeline/pipelines.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface DecideOptions {
  readonly data?: string;
  readonly region?: string;
  readonly action?: string;
  readonly summary: string;
  readonly json?: boolean;
}

/** `trysail pipeline approve` and `reject` */
export async function decide(
  verb: "approve" | "reject",
  name: string | undefined,
  options: DecideOptions,
): Promise<number> {
  const { client, name: pipelineName } = await findPipeline(await connect(options.data), name, options.region);
  const { stageStates = [] } = await client.send(new GetPipelineStateCommand({ name: pipelineName }));
  const waiting = stageStates.flatMap(({ stageName, actionStates = [] }) =>
    actionStates.flatMap(({ actionName, latestExecution }) => {
      const { status, token } = latestExecution ?? {};
      const isMeant = options.action === undefined || options.action === actionName;
      return status === "InProgress" && token !== undefined && isMeant ? [{ stageName, actionName, token }] : [];
    }),
  );
  const [first] = waiting;
  if (first === undefined) {
    const what = options.action === undefined ? "Nothing" : `No action "${options.action}"`;
    throw new TrysailError("nothing-to-approve", `${what} in ${pipelineName} waits for approval.`, {
      fault: "user",
      next: `See what it does with: trysail pipeline watch ${pipelineName}`,
    });
  }
  if (waiting.length > 1) {
    throw usageError(
      `Several actions wait for approval: ${waiting.map(({ actionName }) => actionName).join(", ")}.`,
      "Give --action.",
    );
  }
  const status = verb === "approve" ? "Approved" : "Rejected";
  await client.send(
    new PutApprovalResultCommand({ pipelineName, ...first, result: { status, summary: options.summary } }),
  );
  const { line } = processTerminal();
  const { stageName: stage, actionName: action } = first;
  line(
    options.json === true
      ? JSON.stringify({ pipeline: pipelineName, stage, action, status })
      : `${status} ${action} in ${stage} of ${pipelineName}.`,
  );
  return exitCodes.ok;
}
