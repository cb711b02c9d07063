import type { PipelineVariable } from "@aws-sdk/client-codepipeline";
import type { Context } from "../../kernel/context.ts";
import { errors } from "./errors.ts";
import type { Execution, SourceOverride } from "./engine/state.ts";
import { happen } from "./happen.ts";
import type { Definition } from "./model/definition.ts";
import { definitionOf, findPipeline, tables } from "./store.ts";

export interface StartRequest {
  readonly trigger: Execution["trigger"];
  readonly variables?: readonly PipelineVariable[] | undefined;
  readonly sourceOverrides?: readonly SourceOverride[];
  /** The same request once more starts nothing and gives the same execution. */
  readonly token?: string | undefined;
}

/** Starts an execution. @returns its id */
export function startExecution(
  ctx: Context,
  name: string,
  { trigger, variables, sourceOverrides = [], token }: StartRequest,
): string {
  return ctx.transaction(() => {
    const definition = definitionOf(ctx, name, findPipeline(ctx, name).version);
    const tokens = ctx.table(tables.requestTokens);
    const repeated = token === undefined ? undefined : tokens.get([name, token]);
    if (repeated !== undefined) return repeated;
    const executionId = ctx.ids.uuid();
    happen(ctx, name, {
      kind: "start",
      executionId,
      trigger,
      variables: valuesOf(definition, variables ?? []),
      sourceOverrides,
    });
    if (token !== undefined) tokens.put([name, token], executionId);
    return executionId;
  });
}

/** @throws AwsError `ValidationException` for a variable that the pipeline does not declare */
function valuesOf({ variables = [] }: Definition, given: readonly PipelineVariable[]): Record<string, string> {
  const declared = variables ?? [];
  for (const { name = "" } of given) {
    if (declared.some((variable) => variable.name === name)) continue;
    throw errors.ValidationException(`The pipeline declares no variable '${name}'.`);
  }
  const values = declared.flatMap(({ name, defaultValue }): [string, string][] => {
    const value = given.find((variable) => variable.name === name)?.value ?? defaultValue;
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(values);
}

/** @throws AwsError `ValidationException` for a variable that has neither a value nor a default */
export function demandVariables({ variables = [] }: Definition, given: readonly PipelineVariable[]): void {
  const missing = (variables ?? []).find(
    ({ name, defaultValue }) => defaultValue === undefined && !given.some((variable) => variable.name === name),
  );
  if (missing !== undefined)
    throw errors.ValidationException(`The pipeline variable '${missing.name}' has no default value: give it one.`);
}
