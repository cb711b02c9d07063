import { errors } from "../../errors.ts";
import type { Definition } from "../definition.ts";
import { sourceActions } from "../triggers.ts";
import { member, nameAt, repeated } from "./constraints.ts";

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const mostTriggers = 50;
const mostFilters = 3;
const mostPatterns = 8;
const longestPattern = 255;
const mostVariables = 50;

interface Patterns {
  readonly includes?: readonly string[] | undefined;
  readonly excludes?: readonly string[] | undefined;
}

/**
 * A pipeline's triggers and variables: only of V2, within AWS's limits, for sources that are there.
 *
 * @throws AwsError `InvalidStructureException`, naming the trigger or variable
 */
export function validateTriggersAndVariables(definition: Definition): void {
  const { triggers = [], variables = [], pipelineType = "V1" } = definition;
  const wrong = (message: string) => errors.InvalidStructureException(message);
  if (pipelineType === "V1") {
    if (triggers !== undefined && triggers.length > 0)
      throw wrong("Triggers are only supported for pipelines of type V2.");
    if (variables !== undefined && variables.length > 0)
      throw wrong("Pipeline variables are only supported for pipelines of type V2.");
  }
  if ((variables?.length ?? 0) > mostVariables)
    throw wrong(`The pipeline has ${variables?.length} variables; at most ${mostVariables} are allowed.`);
  for (const [index, { name }] of (variables ?? []).entries())
    nameAt(name, `${member("pipeline.variables", index)}.name`);
  const [variable] = repeated((variables ?? []).map(({ name }) => name));
  if (variable !== undefined)
    throw wrong(`Variable names must be unique within the pipeline. ${variable} has been used more than once.`);

  if ((triggers?.length ?? 0) > mostTriggers)
    throw wrong(`The pipeline has ${triggers?.length} triggers; at most ${mostTriggers} are allowed.`);
  const [action] = repeated((triggers ?? []).map(({ gitConfiguration }) => gitConfiguration.sourceActionName));
  if (action !== undefined) throw wrong(`The source action '${action}' has more than one trigger.`);
  for (const { gitConfiguration } of triggers ?? []) {
    const { sourceActionName: source, push, pullRequest } = gitConfiguration;
    const where = `The trigger of source action '${source}'`;
    const isConnected = sourceActions(definition).some(
      ({ name, actionTypeId }) => name === source && actionTypeId.provider === "CodeStarSourceConnection",
    );
    if (!isConnected) throw wrong(`${where} names no source action with the provider CodeStarSourceConnection.`);
    if (push !== undefined && pullRequest !== undefined)
      throw wrong(`${where} has both push and pullRequest filters; it can have one kind.`);
    for (const [kind, filters] of [
      ["push", push],
      ["pullRequest", pullRequest],
    ] as const) {
      if (filters === undefined) continue;
      if (filters.length < 1 || filters.length > mostFilters)
        throw wrong(`${where} has ${filters.length} ${kind} filters; it must have 1 to ${mostFilters}.`);
      for (const filter of filters) {
        if (
          "tags" in filter &&
          filter.tags !== undefined &&
          (filter.branches !== undefined || filter.filePaths !== undefined)
        ) {
          throw wrong(`${where} has a filter with both tags and branches or file paths.`);
        }
        if (kind === "push" && filter.branches === undefined && filter.filePaths !== undefined) {
          throw wrong(`${where} has a push filter with file paths and no branches.`);
        }
        for (const [what, patterns] of Object.entries(filter)) {
          if (what !== "events" && patterns !== undefined)
            checkPatterns(`${where} has, for ${what},`, patterns as Patterns, wrong);
        }
      }
    }
  }
}

function checkPatterns(where: string, patterns: Patterns, wrong: (message: string) => Error): void {
  if (patterns.includes === undefined && patterns.excludes === undefined)
    throw wrong(`${where} neither includes nor excludes.`);
  for (const [kind, list] of Object.entries(patterns) as [string, readonly string[] | undefined][]) {
    if (list === undefined) continue;
    if (list.length < 1 || list.length > mostPatterns)
      throw wrong(`${where} ${list.length} ${kind}; it must have 1 to ${mostPatterns}.`);
    const long = list.find((pattern) => pattern.length > longestPattern);
    if (long !== undefined) throw wrong(`${where} a pattern of more than ${longestPattern} characters: ${long}`);
  }
}
