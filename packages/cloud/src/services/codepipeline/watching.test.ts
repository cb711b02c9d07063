import { expect, test } from "vitest";
import type { DeliveredEvent } from "../../kernel/context.ts";
import { startTestKernel } from "../../testing/test-kernel.test-kit.ts";
import { codepipeline } from "./index.ts";
import type { Definition } from "./model/definition.ts";
import { objects, watchSources } from "./watching.ts";

function pipelineFrom(name: string, bucket: string): Definition {
  return {
    name,
    roleArn: "arn:aws:iam::000000000000:role/pipeline",
    stages: [
      {
        name: "Source",
        actions: [
          {
            name: "Pull",
            actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
            configuration: { S3Bucket: bucket, S3ObjectKey: "code.zip" },
          },
        ],
      },
    ],
  } as unknown as Definition;
}

test("a written object is waited for as long as one pipeline has its bucket as a source", async () => {
  const kernel = await startTestKernel([codepipeline], async () => ({}));
  try {
    const ctx = kernel.context(codepipeline);
    const watch = (before: Definition | undefined, now: Definition | undefined) =>
      ctx.transaction(() => watchSources(ctx, before, now));
    const isWaitedFor = (bucket: string) =>
      objects.matches(
        {
          source: "aws.s3",
          detailType: "Object Created",
          detail: { bucket: { name: bucket } },
        } as Partial<DeliveredEvent> as DeliveredEvent,
        ctx,
      );
    expect(isWaitedFor("code")).toBe(false);
    watch(undefined, pipelineFrom("one", "code"));
    watch(undefined, pipelineFrom("two", "code"));
    watch(pipelineFrom("one", "code"), pipelineFrom("one", "other"));
    expect([isWaitedFor("code"), isWaitedFor("other")]).toEqual([true, true]);
    watch(pipelineFrom("two", "code"), undefined);
    expect([isWaitedFor("code"), isWaitedFor("other")]).toEqual([false, true]);
  } finally {
    await kernel.stop();
  }
});
