import type { Handler } from "../../../kernel/service.ts";
import { deleteCode, receiveCode, releaseCode, storeCode, useCode } from "../code/packages.ts";
import { unpackedCode } from "../code/unpacked.ts";
import { configured } from "../configuration.ts";
import { describe } from "../describe.ts";
import { refused } from "../errors.ts";
import { retireEnvironments } from "../execution/fleet.ts";
import { latest } from "../model.ts";
import type { Code } from "../model.ts";
import { readFunctionName } from "../names.ts";
import { publish } from "../publishing.ts";
import { checkRole } from "../role.ts";
import type { Sdk } from "../sdk.ts";
import { checkRevision, findVersion, tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html */
export const updateFunctionCode: Handler<Sdk, "updateFunctionCode"> = async (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  if (input.PublishTo !== undefined) throw refused("publishes numbered versions only: leave out PublishTo.");
  checkRevision(input.RevisionId, findVersion(ctx, name, undefined).revisionId);
  const received = await receiveCode(ctx, input, "UpdateFunctionCode");
  if (input.DryRun === true) {
    const current = findVersion(ctx, name, undefined);
    return describe(ctx, {
      ...current,
      code: { ...current.code, sha256: received.sha256, sizeBytes: received.sizeBytes },
    });
  }
  const code = await storeCode(ctx, received);
  let unused: readonly Code[] = [];
  const told = ctx.transaction(() => {
    const current = findVersion(ctx, name, undefined);
    checkRevision(input.RevisionId, current.revisionId);
    const changed = {
      ...current,
      code,
      architecture: input.Architectures?.[0] ?? current.architecture,
      modifiedAt: ctx.now,
      revisionId: ctx.ids.uuid(),
    };
    ctx.table(tables.versions).put([name, latest], changed);
    useCode(ctx, code);
    unused = releaseCode(ctx, current.code);
    return input.Publish === true ? publish(ctx, changed, undefined) : changed;
  });
  await unpackedCode(ctx.host, code);
  retireEnvironments(ctx, name, latest);
  await deleteCode(ctx, unused);
  return describe(ctx, told);
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html */
export const updateFunctionConfiguration: Handler<Sdk, "updateFunctionConfiguration"> = async (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  findVersion(ctx, name, undefined);
  if (input.Role !== undefined) await checkRole(ctx, input.Role);
  let unused: readonly Code[] = [];
  const told = ctx.transaction(() => {
    const current = findVersion(ctx, name, undefined);
    checkRevision(input.RevisionId, current.revisionId);
    const changed = {
      ...current,
      ...configured(ctx, current, input),
      role: input.Role ?? current.role,
      modifiedAt: ctx.now,
      revisionId: ctx.ids.uuid(),
    };
    useCode(ctx, ...changed.layers.map(({ code }) => code));
    unused = releaseCode(ctx, ...current.layers.map(({ code }) => code));
    ctx.table(tables.versions).put([name, latest], changed);
    return changed;
  });
  retireEnvironments(ctx, name, latest);
  await deleteCode(ctx, unused);
  return describe(ctx, told);
};
