import type { Handler } from "../../../kernel/service.ts";
import { receiveCode, storeCode, useCode } from "../code/packages.ts";
import { unpackedCode } from "../code/unpacked.ts";
import { configured, defaults } from "../configuration.ts";
import { describe } from "../describe.ts";
import { errors, refused } from "../errors.ts";
import { latest } from "../model.ts";
import type { LambdaFunction, Version } from "../model.ts";
import { readFunctionName } from "../names.ts";
import { publish } from "../publishing.ts";
import { checkRole } from "../role.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
export const createFunction: Handler<Sdk, "createFunction"> = async (ctx, input) => {
  const { name } = readFunctionName(ctx, input.FunctionName);
  if (input.PackageType === "Image") throw refused("runs functions from zip archives only: PackageType must be Zip.");
  if (input.CodeSigningConfigArn !== undefined)
    throw refused("does not check signatures of code: leave out CodeSigningConfigArn.");
  if (input.TenancyConfig !== undefined) throw refused("does not isolate tenants: leave out TenancyConfig.");
  if (input.PublishTo !== undefined) throw refused("publishes numbered versions only: leave out PublishTo.");
  if (input.Runtime === undefined || input.Handler === undefined) {
    throw errors.InvalidParameterValueException(
      `${input.Runtime === undefined ? "Runtime" : "Handler"} is mandatory for functions created with deployment packages.`,
      { Type: "User" },
    );
  }
  const [architecture = "x86_64"] = input.Architectures ?? [];
  const configuration = configured(ctx, { ...defaults(name), runtime: input.Runtime, handler: input.Handler }, input);
  const exists = () => {
    if (ctx.table(tables.functions).has(name))
      throw errors.ResourceConflictException(`Function already exist: ${name}`, { Type: "User" });
  };
  exists();
  await checkRole(ctx, input.Role);
  const code = await storeCode(ctx, await receiveCode(ctx, input.Code, "CreateFunction"));
  const created: LambdaFunction = {
    name,
    createdAt: ctx.now,
    tags: input.Tags ?? {},
    lastVersion: 0,
    reservedConcurrency: undefined,
  };
  const version: Version = {
    ...configuration,
    functionName: name,
    number: latest,
    role: input.Role,
    architecture,
    code,
    modifiedAt: ctx.now,
    revisionId: ctx.ids.uuid(),
  };
  const told = ctx.transaction(() => {
    exists();
    ctx.table(tables.functions).put(name, created);
    ctx.table(tables.versions).put([name, latest], version);
    useCode(ctx, code, ...version.layers.map((layer) => layer.code));
    return input.Publish === true ? publish(ctx, version, undefined) : version;
  });
  // Not when the first event waits for it.
  await unpackedCode(ctx.host, code);
  return describe(ctx, told);
};
