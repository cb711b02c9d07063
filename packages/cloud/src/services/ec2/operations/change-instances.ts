import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, refuse } from "../errors.ts";
import { changed } from "../instances/changing.ts";
import { grace } from "../instances/model.ts";
import type { InstanceRow } from "../instances/model.ts";
import { showState } from "../instances/showing.ts";
import { start, stop, terminate } from "../instances/transitions.ts";
import { kinds } from "../kinds.ts";
import { findAll } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";

/** Lets something happen to instances, all or none. */
function happenToAll(
  ctx: Context,
  ids: readonly string[],
  check: (row: InstanceRow) => void,
  happen: (row: InstanceRow) => InstanceRow,
) {
  const rows = findAll(ctx, kinds.instance, ids);
  for (const row of rows) check(row);
  return rows.map((row) => {
    const next = happen(row);
    changed(ctx, row, next);
    return { InstanceId: row.id, CurrentState: showState(next.state), PreviousState: showState(row.state) };
  });
}

const notInState = (row: InstanceRow, action: string) =>
  errors.IncorrectInstanceState(`The instance '${row.id}' is not in a state from which it can be ${action}.`);

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html */
export const terminateInstances: Handler<Sdk, "terminateInstances"> = (ctx, input) => {
  const graceMs = input.SkipOsShutdown === true || input.Force === true ? 0 : grace.terminateMs;
  const TerminatingInstances = happenToAll(
    ctx,
    input.InstanceIds,
    (row) => {
      if (row.disableApiTermination)
        throw errors.OperationNotPermitted(
          `The instance '${row.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
        );
    },
    (row) => terminate(row, ctx.now, graceMs),
  );
  return { TerminatingInstances };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html */
export const stopInstances: Handler<Sdk, "stopInstances"> = (ctx, input) => {
  refuse(input, ["Hibernate"], "Trysail's instances cannot hibernate.");
  const graceMs = input.SkipOsShutdown === true || input.Force === true ? 0 : grace.stopMs;
  const StoppingInstances = happenToAll(
    ctx,
    input.InstanceIds,
    (row) => {
      if (row.disableApiStop)
        throw errors.OperationNotPermitted(
          `The instance '${row.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
        );
      if (!["running", "stopping", "stopped"].includes(row.state)) throw notInState(row, "stopped");
    },
    (row) => stop(row, ctx.now, graceMs),
  );
  return { StoppingInstances };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartInstances.html */
export const startInstances: Handler<Sdk, "startInstances"> = (ctx, input) => {
  const StartingInstances = happenToAll(
    ctx,
    input.InstanceIds,
    (row) => {
      if (!["stopped", "pending", "running"].includes(row.state)) throw notInState(row, "started");
    },
    (row) => start(row, ctx.now),
  );
  return { StartingInstances };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RebootInstances.html */
export const rebootInstances: Handler<Sdk, "rebootInstances"> = (ctx, input) => {
  happenToAll(
    ctx,
    input.InstanceIds,
    (row) => {
      if (row.state !== "running") throw notInState(row, "rebooted");
    },
    (row) => ({ ...row, rebootRequested: true }),
  );
  return {};
};
