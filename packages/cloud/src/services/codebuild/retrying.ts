import type { Context } from "../../kernel/context.ts";
import { startBuildOf } from "./starting.ts";
import { tables } from "./store.ts";

/**
 * Starts a failed build again, if its project (`autoRetryLimit`) or its buildspec (`on-failure: RETRY`) asks for it and
 * it has not been tried so often yet. A pipeline's builds are left to the pipeline, as in AWS.
 *
 * @param times - what the buildspec asks for
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/auto-retry-build.html
 */
export function retryIfAsked(ctx: Context, id: string, times: number | undefined): void {
  const builds = ctx.table(tables.builds);
  const stored = builds.get(id);
  if (stored?.build.buildStatus !== "FAILED" || stored.build.initiator?.startsWith("codepipeline/") === true) return;
  const { autoRetryConfig: config = {}, projectName } = stored.build;
  const limit = Math.max(config.autoRetryLimit ?? 0, times ?? 0);
  const number = config.autoRetryNumber ?? 0;
  const project = ctx.table(tables.projects).get(projectName);
  if (number >= limit || project === undefined) return;
  const { build: next } = startBuildOf(ctx.as({}), project, stored.request, {
    autoRetryConfig: { autoRetryLimit: limit, autoRetryNumber: number + 1, previousAutoRetry: stored.build.arn },
  });
  const updated = builds.get(id) ?? stored;
  builds.put(id, {
    ...updated,
    build: {
      ...updated.build,
      autoRetryConfig: { ...config, autoRetryLimit: limit, autoRetryNumber: number, nextAutoRetry: next.arn },
    },
  });
}
