import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { changeBuild, complete, leavePhase } from "../progress.ts";
import type { Sdk } from "../sdk.ts";
import { startBuildOf } from "../starting.ts";
import { findBuild, findProject, tables } from "../store.ts";

/** A token means the same build for so long. */
const tokenLifeMs = 5 * 60_000;

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html */
export const startBuild: Handler<Sdk, "startBuild"> = (ctx, input) => {
  const project = findProject(ctx, input.projectName);
  if (input.debugSessionEnabled === true)
    throw errors.InvalidInputException("Trysail has no debug sessions: leave out debugSessionEnabled.");
  if (input.fleetOverride !== undefined)
    throw errors.InvalidInputException("Trysail has no fleets: leave out fleetOverride.");
  const { idempotencyToken: token } = input;
  const tokens = ctx.table(tables.tokens);
  if (token !== undefined) {
    const known = tokens.get([project.name, token]);
    const started =
      known === undefined || ctx.now - known.at > tokenLifeMs ? undefined : ctx.table(tables.builds).get(known.id);
    if (started !== undefined) return { build: started.build };
  }
  const { build } = startBuildOf(ctx, project, input);
  if (token !== undefined) tokens.put([project.name, token], { id: build.id, at: ctx.now });
  return { build };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_RetryBuild.html */
export const retryBuild: Handler<Sdk, "retryBuild"> = (ctx, input) => {
  if (input.id === undefined) throw errors.InvalidInputException("Invalid build ID provided");
  const { request } = findBuild(ctx, input.id);
  return { build: startBuildOf(ctx, findProject(ctx, request.projectName ?? ""), request).build };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StopBuild.html */
export const stopBuild: Handler<Sdk, "stopBuild"> = (ctx, input) => {
  const { build, state } = findBuild(ctx, input.id);
  if (state === "queued") {
    leavePhase(ctx, build.id, "STOPPED", { statusCode: "", message: "Build was stopped." });
    complete(ctx, build.id);
  } else changeBuild(ctx, build.id, (running) => ({ ...running, stopRequested: true }));
  return { build: findBuild(ctx, build.id).build };
};
