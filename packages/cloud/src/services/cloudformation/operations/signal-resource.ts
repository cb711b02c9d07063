import type { Handler } from "../../../kernel/service.ts";
import { putRowEvent } from "../engine/step.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { wake } from "../signals.ts";
import { findStack, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_SignalResource.html */
export const signalResource: Handler<Sdk, "signalResource"> = (ctx, input) => {
  const { LogicalResourceId: logicalId, UniqueId: uniqueId, Status: status } = input;
  const stack = findStack(ctx, input.StackName, `Stack '${input.StackName}' does not exist`);
  const row = ctx.table(tables.resources).get([stack.id, logicalId]);
  if (row === undefined) throw errors.ValidationError(`Resource ${logicalId} does not exist for stack ${stack.name}`);
  if (!row.status.endsWith("_IN_PROGRESS") || row.status.startsWith("DELETE"))
    throw errors.ValidationError(`Resource ${logicalId} is in ${row.status} state and cannot be signaled`);
  const signals = ctx.table(tables.signals);
  // Who signals twice is counted once.
  if (signals.has([stack.id, logicalId, uniqueId])) return {};
  signals.put([stack.id, logicalId, uniqueId], { uniqueId, status });
  const physicalId = row.physicalId ?? row.pending?.physicalId;
  putRowEvent(ctx, stack, { ...row, physicalId }, row.status, `Received ${status} signal with UniqueId ${uniqueId}`);
  wake(ctx, stack.id);
  return {};
};
