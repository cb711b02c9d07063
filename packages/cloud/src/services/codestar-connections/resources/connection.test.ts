import { afterEach, beforeEach, expect, test } from "vitest";
import type { Context } from "../../../kernel/context.ts";
import { resourceRequest, startTestKernel } from "../../../testing/test-kernel.test-kit.ts";
import type { TestKernel } from "../../../testing/test-kernel.test-kit.ts";
import { codestarConnections } from "../index.ts";
import { codeConnection, codeStarConnection } from "./connection.ts";

let kernel: TestKernel;
let ctx: Context;
beforeEach(async () => {
  kernel = await startTestKernel([codestarConnections], async () => ({}));
  ctx = kernel.context(codestarConnections);
});
afterEach(() => kernel.stop());

const list = async () => (await ctx.call["codestar-connections"].listConnections({})).Connections ?? [];

test.each([
  ["codestar-connections", codeStarConnection],
  ["codeconnections", codeConnection],
] as const)("a connection with an ARN of %s is created once, tagged, and removed", async (prefix, type) => {
  const properties = { ConnectionName: "github", ProviderType: "GitHub", Tags: [{ Key: "a", Value: "1" }] };
  const request = resourceRequest("Connection");
  const created = await type.create(ctx, properties, request);
  expect(await type.create(ctx, properties, request)).toEqual(created);
  expect(await list()).toHaveLength(1);
  if (created.status !== "done") throw new Error(created.status);
  expect(created.id).toMatch(new RegExp(`^arn:aws:${prefix}:us-east-1:000000000000:connection/`));
  expect(created.attributes).toEqual({
    ConnectionArn: created.id,
    ConnectionStatus: "AVAILABLE",
    OwnerAccountId: "000000000000",
  });
  await type.create(ctx, properties, resourceRequest("Another"));
  expect(await list()).toHaveLength(2);

  await type.update?.(ctx, created.id, { ...properties, Tags: [] }, properties, request);
  const { Tags = [] } = await ctx.call["codestar-connections"].listTagsForResource({ ResourceArn: created.id });
  expect(Tags.map(({ Key }) => Key)).toEqual(["aws:cloudformation:stack-id", "aws:cloudformation:logical-id"]);
  await type.remove(ctx, created.id, properties, request);
  await type.remove(ctx, created.id, properties, request);
  expect(await list()).toHaveLength(1);
});
