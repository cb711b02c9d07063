import { mkdir, rm } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { TrysailError, messageOf, parseAccountId, partitionOf } from "@trysail/core";
import type { Region } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { AwsError } from "../../kernel/errors.ts";
import type { Controller } from "../../kernel/service.ts";
import { providerOf } from "./actions/index.ts";
import type { Step, Work } from "./actions/provider.ts";
import { placeInput, placeOutput } from "./artifacts.ts";
import type { Execution } from "./engine/state.ts";
import { endRun } from "./happen.ts";
import type { RunEnd } from "./happen.ts";
import { actionNamed, rulesOf, stageNamed } from "./model/definition.ts";
import type { Action, Definition, Rule } from "./model/definition.ts";
import { largestVariablesBytes, resolve, resolveAll, variablesSizeBytes } from "./model/variables.ts";
import type { VariableScope } from "./model/variables.ts";
import type { RunInput, RunRecord } from "./model.ts";
import { existingExecution, definitionOf, tables } from "./store.ts";

const minuteMs = 60_000;

/** Carries the runs of actions and rules on, from when they are asked for until they end. */
export const runs: Controller<RunRecord> = {
  name: "runs",
  watches: [tables.runs],
  keyOf: ({ value }) => (value?.status === "InProgress" ? `${value.pipeline}/${value.number}` : undefined),
  async reconcile(ctx, key) {
    const [pipeline = "", number = ""] = key.split("/");
    const record = ctx.table(tables.runs).get([pipeline, Number(number)]);
    if (record?.status !== "InProgress") return;
    const definition = definitionOf(ctx, pipeline, record.pipelineVersion);
    const execution = existingExecution(ctx, pipeline, record.executionId);
    const declared = declarationOf(definition, record);
    const work = workOf(ctx, record, definition, execution, declared);
    if (record.deadline !== undefined && ctx.now >= record.deadline) {
      await expire(ctx, work);
      return;
    }
    const step = await stepOf(ctx, work);
    await rm(work.folder, { recursive: true, force: true });
    if (step === "interrupted") return;
    if (step.status !== "waiting") {
      finish(ctx, record, step);
      return;
    }
    note(ctx, record, step);
    const wakeAt = Math.min(step.wakeAt ?? Infinity, record.deadline ?? Infinity);
    return Number.isFinite(wakeAt) ? { wakeAt } : undefined;
  },
};

function declarationOf(definition: Definition, { subject, stage, name }: RunRecord): Action | Rule {
  const declaredStage = stageNamed(definition, stage);
  const declared =
    subject.kind === "action"
      ? actionNamed(definition, stage, name)
      : declaredStage && rulesOf(declaredStage, subject.condition).find((rule) => rule.name === name);
  if (declared === undefined) throw new Error(`the definition has no ${subject.kind} ${name} in the stage ${stage}`);
  return declared;
}

function workOf(
  ctx: Context,
  record: RunRecord,
  definition: Definition,
  execution: Execution,
  declared: Action | Rule,
): Work {
  const region = record.region as Region;
  const roleArn = record.roleArn ?? definition.roleArn;
  const [, , , , account = "", role = ""] = roleArn.split(":");
  const session = record.executionId.replaceAll("-", "").slice(0, 32);
  const acting = ctx.as({
    region,
    account: parseAccountId(account) ?? ctx.account,
    principal: {
      type: "assumed-role",
      arn: `arn:${partitionOf(region)}:sts::${account}:assumed-role/${role.split("/").at(-1)}/${session}`,
      userId: `AROA:${session}`,
    },
  });
  const input = record.input ?? { configuration: {}, environment: [], inputs: [], outputs: [] };
  return {
    record,
    input,
    execution,
    definition,
    declared,
    acting,
    storing: ctx.as({ region }),
    home: ctx,
    folder: ctx.host.workspace("codepipeline", record.id),
  };
}

/** One step of the provider. Whatever it throws is the run's failure, unless Trysail is stopping: then it goes on at the next start. */
async function stepOf(ctx: Context, work: Work): Promise<Step | "interrupted"> {
  try {
    const input = work.record.input ?? (await prepare(ctx, work));
    if ("unknown" in input) {
      return {
        status: "failed",
        code: "ConfigurationError",
        message: `The variable ${input.unknown} could not be resolved: the action that it belongs to has not set it.`,
      };
    }
    await mkdir(work.folder, { recursive: true });
    const step = await providerOf(work.declared).step({ ...work, input, record: { ...work.record, input } });
    if (step.status !== "succeeded") return step;
    const sizeBytes = variablesSizeBytes(step.variables ?? {});
    if (sizeBytes <= largestVariablesBytes) return step;
    return {
      status: "failed",
      code: "OutputVariablesSizeExceeded",
      message: `The output variables have ${sizeBytes} bytes; at most ${largestVariablesBytes} are allowed.`,
    };
  } catch (error) {
    if (ctx.signal.aborted) return "interrupted";
    if (error instanceof AwsError) return { status: "failed", code: error.code, message: error.message };
    if (error instanceof TrysailError && error.fault === "user") {
      return {
        status: "failed",
        code: "ConfigurationError",
        message: error.next === undefined ? error.message : `${error.message} ${error.next}`,
      };
    }
    ctx.log.error("a pipeline's run failed inside", {
      pipeline: work.record.pipeline,
      run: work.record.name,
      error: messageOf(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
    return {
      status: "failed",
      code: "InternalError",
      message: `Trysail could not carry this out: ${messageOf(error)}`,
    };
  }
}

/** Resolves what the run is told, and puts its artifacts in place; kept, so that it is done once. */
async function prepare(
  ctx: Context,
  { record, definition, execution, declared }: Work,
): Promise<RunInput | { readonly unknown: string }> {
  const scope: VariableScope = {
    executionId: execution.id,
    variables: execution.variables,
    outputs: execution.outputs,
  };
  const { EnvironmentVariables: environmentJson, ...plain } = declared.configuration ?? {};
  const configuration = resolveAll(plain, scope);
  if ("unknown" in configuration) return configuration;
  const environment: RunInput["environment"][number][] = [];
  const own = "environmentVariables" in declared ? (declared.environmentVariables ?? []) : [];
  const listed =
    environmentJson === undefined
      ? []
      : (JSON.parse(environmentJson) as {
          name: string;
          value: unknown;
          type?: RunInput["environment"][number]["type"];
        }[]);
  for (const { name, value, type = "PLAINTEXT" } of [...listed, ...own]) {
    // Values are resolved one by one: what a variable holds may be anything but JSON.
    const resolved = resolve(typeof value === "string" ? value : JSON.stringify(value), scope);
    if ("unknown" in resolved) return resolved;
    environment.push({ name, value: resolved.text, type });
  }
  const inputs = await Promise.all(
    (declared.inputArtifacts ?? []).map(({ name }) => placeInput(ctx, definition, execution, record.region, name)),
  );
  const outputs =
    "outputArtifacts" in declared
      ? (declared.outputArtifacts ?? []).map(({ name }) => placeOutput(ctx, definition, execution, record.region, name))
      : [];
  const input: RunInput = {
    configuration:
      environmentJson === undefined
        ? configuration.configuration
        : { ...configuration.configuration, EnvironmentVariables: JSON.stringify(environment) },
    environment,
    inputs,
    outputs,
  };
  ctx.transaction(() => {
    const current = currentOf(ctx, record);
    if (current !== undefined) ctx.table(tables.runs).put([record.pipeline, record.number], { ...current, input });
  });
  return input;
}

/** The run as it is stored now; undefined if it has ended, or its pipeline was deleted and made anew. */
function currentOf(ctx: Context, record: RunRecord): RunRecord | undefined {
  const current = ctx.table(tables.runs).get([record.pipeline, record.number]);
  return current?.id === record.id && current.status === "InProgress" ? current : undefined;
}

/**
 * Keeps what a waiting run has told. A new progress wakes the run once more, after it is known what the run waits for:
 * that may have happened before.
 */
function note(ctx: Context, record: RunRecord, step: Step & { status: "waiting" }): void {
  ctx.transaction(() => {
    const current = currentOf(ctx, record);
    if (current === undefined) return;
    if (step.awaits !== undefined) {
      ctx.table(tables.waiters).put([...step.awaits], {
        account: ctx.account,
        region: ctx.region,
        pipeline: record.pipeline,
        run: record.number,
      });
    }
    const changed: RunRecord = {
      ...current,
      progress: step.progress ?? current.progress,
      token: step.token ?? current.token,
      summary: step.summary ?? current.summary,
      externalId: step.externalId ?? current.externalId,
      externalUrl: step.externalUrl ?? current.externalUrl,
      logStreamArn: step.logStreamArn ?? current.logStreamArn,
    };
    if (!isDeepStrictEqual(changed, current))
      ctx.table(tables.runs).put([record.pipeline, record.number], { ...changed, updatedAt: ctx.now });
  });
}

function finish(ctx: Context, record: RunRecord, step: RunEnd & Exclude<Step, { status: "waiting" }>): void {
  const { summary, externalId, externalUrl, logStreamArn } = step;
  const shown = { summary, externalId, externalUrl, logStreamArn };
  const told = Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined));
  endRun(ctx, record, step, told);
}

async function expire(ctx: Context, work: Work): Promise<void> {
  const { record } = work;
  const minutes = Math.round(((record.deadline ?? 0) - record.startedAt) / minuteMs);
  try {
    await providerOf(work.declared).stop?.(work);
  } catch (error) {
    ctx.log.warn("what a run has started could not be stopped", {
      pipeline: record.pipeline,
      run: record.name,
      error: messageOf(error),
    });
  }
  ctx.transaction(() => {
    const job = ctx.table(tables.jobs).get(record.id);
    if (job !== undefined) ctx.table(tables.jobs).put(job.id, { ...job, status: "TimedOut" });
    endRun(ctx, record, {
      status: "failed",
      code: "TimeoutError",
      message: `The action did not complete within ${minutes} minutes.`,
    });
  });
}
