import type { Connection } from "../connection.ts";
import type { FoundPipeline } from "../pipeline/pipelines.ts";
import { showExecution } from "../pipeline/show-execution.ts";
import { connectRollouts } from "../rollout/connect-rollouts.ts";
import { allRollouts } from "../rollout/find-rollout.ts";
import { showRollout } from "../rollout/show-rollout.ts";
import type { Terminal } from "../terminal/terminal.ts";

export interface Delivery {
  readonly terminal: Terminal;
  readonly connection: Connection;
  readonly pipeline: FoundPipeline;
  readonly executionId: string;
  readonly signal: AbortSignal;
}

/**
 * Shows an execution until its rollout begins, then that until it is over.
 *
 * @returns whether the version serves everywhere
 */
export async function showDelivery({
  terminal,
  connection,
  pipeline,
  executionId,
  signal,
}: Delivery): Promise<boolean> {
  const begun = await showExecution(terminal, connection, pipeline, executionId, {
    signal,
    logTailLines: 200,
    until: ({ stages }) => stages.some(({ actions }) => actions.some(isRollingOut)),
  });
  if (!begun.stages.some(({ actions }) => actions.some(isRollingOut))) return false;
  const rollouts = await connectRollouts({ data: connection.instance.data });
  const rollout = (await allRollouts(rollouts.store)).find(
    ({ value }) => value.rollout.version.execution === executionId,
  );
  if (rollout === undefined) return false;
  const { status } = await showRollout(terminal, rollouts, rollout.value.rollout.id, { signal });
  return status === "succeeded";
}

/** A rollout's id is told as soon as it is stored. */
const isRollingOut = ({ provider, externalId }: { readonly provider: string; readonly externalId?: string }): boolean =>
  provider === "Deploy/Trysail" && externalId !== undefined;
