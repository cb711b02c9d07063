import { rm } from "node:fs/promises";
import { messageOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { CommandPhase } from "../buildspec/types.ts";
import { commandPhases } from "../buildspec/types.ts";
import { exportable } from "../environment.ts";
import type { StoredBuild } from "../model.ts";
import { nextPhase } from "../phases.ts";
import type { EndStatus, PhaseType } from "../phases.ts";
import { changeBuild, complete, forgetFolder, goTo, leavePhase } from "../progress.ts";
import { retryIfAsked } from "../retrying.ts";
import type { BuildLog } from "./build-log.ts";
import { saveCache } from "./cache.ts";
import { uploadArtifacts } from "./outputs.ts";
import { prepare } from "./prepare.ts";
import { PhaseProblem } from "./problem.ts";
import { buildFolder, provision, treeOf } from "./provision.ts";
import type { ProvisionedRun } from "./provision.ts";
import { publishReports } from "./publish-reports.ts";
import { prepared } from "./run.ts";
import type { Run } from "./run.ts";
import { runCommands } from "./run-commands.ts";

/** Why a running build is ended from outside. */
export class BuildEnded extends PhaseProblem {}

/** Removes the files of a build that has ended. */
export async function sweep(ctx: Context, buildId: string): Promise<void> {
  await rm(buildFolder(ctx, buildId), { recursive: true, force: true });
  forgetFolder(ctx, buildId);
}

async function exportVariables(run: Run): Promise<void> {
  const { buildspec, shell, variables } = prepared(run);
  const names = exportable(buildspec.exportedVariables, variables);
  const values: { name: string; value: string }[] = [];
  for (const name of names) values.push({ name, value: await shell.value(name) });
  if (values.length === 0) return;
  changeBuild(run.ctx, run.stored.build.id, (stored) => ({
    ...stored,
    build: { ...stored.build, exportedEnvironmentVariables: values },
  }));
}

/** UPLOAD_ARTIFACTS: reports and the cache too, which CodeBuild has no phases for. */
async function deliver(run: Run): Promise<void> {
  const { ctx, stored } = run;
  const reportArns = await publishReports(run);
  if (reportArns.length > 0)
    changeBuild(ctx, stored.build.id, (now) => ({ ...now, build: { ...now.build, reportArns } }));
  await saveCache(run);
  const uploaded = await uploadArtifacts(run);
  changeBuild(ctx, stored.build.id, (now) => ({ ...now, build: { ...now.build, ...uploaded } }));
}

const isCommandPhase = (phase: PhaseType): phase is CommandPhase => commandPhases.some((own) => own === phase);

/** What is done in a phase from DOWNLOAD_SOURCE on. */
async function carryOut(run: Run, phase: PhaseType): Promise<void> {
  if (phase === "DOWNLOAD_SOURCE") await prepare(run);
  else if (isCommandPhase(phase)) {
    try {
      await runCommands(run, phase);
    } finally {
      await exportVariables(run);
    }
  } else if (phase === "UPLOAD_ARTIFACTS") await deliver(run);
  else if (phase === "FINALIZING") run.shell?.end();
}

function problemOf(error: unknown): PhaseProblem {
  return error instanceof PhaseProblem ? error : new PhaseProblem("CLIENT_ERROR", messageOf(error));
}

/** Resolves or throws as `work` does; throws the signal's reason as soon as it is aborted. */
async function unlessAborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      const reason: unknown = signal.reason;
      reject(
        reason instanceof BuildEnded
          ? reason
          : new BuildEnded(
              "INTERNAL_SERVICE_ERROR",
              "Trysail was stopped while the build ran. RetryBuild starts it again.",
              "FAULT",
            ),
      );
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function tellOfEnd(
  log: BuildLog | undefined,
  phase: PhaseType,
  status: EndStatus,
  problem: PhaseProblem | undefined,
): void {
  log?.container(`Phase complete: ${phase} State: ${status}`);
  log?.container(`Phase context status code: ${problem?.statusCode ?? ""} Message: ${problem?.message ?? ""}`);
}

/**
 * Runs a build that has left the queue, to its end. Whatever happens, its processes are gone and it is complete
 * afterwards.
 */
export async function runBuild(ctx: Context, stored: StoredBuild, signal: AbortSignal): Promise<void> {
  const { id } = stored.build;
  let run: ProvisionedRun | undefined;
  let work: Promise<void> = Promise.resolve();
  let asksForRetry: number | undefined;
  try {
    for (let phase: PhaseType = "PROVISIONING"; phase !== "COMPLETED";) {
      if (phase !== "PROVISIONING") goTo(ctx, id, phase);
      if (run !== undefined && phase !== "DOWNLOAD_SOURCE") run.log.container(`Entering phase ${phase}`);
      const own: PhaseType = phase;
      let problem: PhaseProblem | undefined;
      try {
        work = (async () => {
          if (run === undefined) run = await provision(ctx, stored, signal);
          else await carryOut(run, own);
        })();
        await unlessAborted(signal, work);
      } catch (error) {
        problem = problemOf(error);
      }
      const status = problem?.status ?? "SUCCEEDED";
      if (own !== "PROVISIONING") tellOfEnd(run?.log, own, status, problem);
      leavePhase(ctx, id, status, problem && { statusCode: problem.statusCode, message: problem.message });
      const onFailure = isCommandPhase(own) ? run?.buildspec?.phases[own]?.onFailure : undefined;
      if (problem !== undefined) run?.shell?.failing();
      if (
        status === "FAILED" &&
        onFailure?.action === "retry" &&
        new RegExp(onFailure.pattern).test(problem?.message ?? "")
      ) {
        asksForRetry = onFailure.times;
      }
      phase = nextPhase(own, status, onFailure?.action);
    }
  } finally {
    await ctx.host.processes.killTree(treeOf(ctx, id));
    await finish(ctx, id, run, asksForRetry);
    // Work that an abort has left behind may still be writing. When Trysail stops nobody waits for it: what it leaves is
    // swept at the next start.
    const isStopping = signal.aborted && !(signal.reason instanceof BuildEnded);
    if (!isStopping) {
      await work.catch(() => {});
      await sweep(ctx, id);
    }
  }
}

/** The log is whole before anybody learns that the build is complete. */
async function finish(
  ctx: Context,
  id: string,
  run: ProvisionedRun | undefined,
  asksForRetry: number | undefined,
): Promise<void> {
  try {
    await run?.log.drain();
    const arn = run?.stored.build.logs?.s3LogsArn;
    if (run?.file !== undefined && arn !== undefined) await run.file.upload(run.ctx, arn);
  } catch (error) {
    ctx.log.warn("a build's log cannot be written", { build: id, error: messageOf(error) });
  }
  ctx.transaction(() => {
    complete(ctx, id);
    retryIfAsked(ctx, id, asksForRetry);
  });
}
