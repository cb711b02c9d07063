import { errors } from "../../errors.ts";
import { actionTypeKey } from "../action-types.ts";
import type { ActionTypeFacts, ConfigurationKey } from "../action-types.ts";
import { referencesIn } from "../variables.ts";
import type { Action, TypeId } from "../definition.ts";

/** The facts of an action type: AWS's own, or a custom one of the account. */
export type TypeLookup = (id: TypeId) => ActionTypeFacts | undefined;

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const longestValue = 1000;
/** CodeBuild's EnvironmentVariables and Commands' own may be longer, as may what CloudFormation takes as parameters. */
const longValues: Readonly<Record<string, number>> = { EnvironmentVariables: 10_000, ParameterOverrides: 10_000 };
const longestEcsMinutes = 60;
const mostCommands = 50;
const longestCommand = 1000;

/** @throws AwsError `InvalidActionDeclarationException`, naming the action */
export function validateAction(action: Action, lookup: TypeLookup, region: string): void {
  const { name, actionTypeId: type, inputArtifacts = [], outputArtifacts = [] } = action;
  const wrong = (message: string) => errors.InvalidActionDeclarationException(message);
  const facts = lookup(type);
  if (facts === undefined) {
    const shownRegion = (action.region ?? region).toUpperCase().replaceAll("-", "_");
    throw wrong(
      `ActionType (Category: '${type.category}', Provider: '${type.provider}', Owner: '${type.owner}', Version: '${type.version}') in action '${name}' is not available in region '${shownRegion}'`,
    );
  }
  checkCount(name, "input", inputArtifacts?.length ?? 0, facts.inputs);
  checkCount(name, "output", outputArtifacts?.length ?? 0, facts.outputs);
  checkConfiguration(`action '${name}'`, action.configuration ?? {}, facts.configuration, wrong);
  if (type.category === "Source" && action.region !== undefined && action.region !== region) {
    throw wrong(
      `Action '${name}' is a source action, so it must be in the pipeline's own region ${region}; it names ${action.region}.`,
    );
  }
  checkCommands(action, wrong);
  checkProvider(action, wrong);
}

function checkCount(
  name: string,
  kind: "input" | "output",
  count: number,
  [minimum, maximum]: readonly [number, number],
): void {
  const declares = `Action ${name} declares ${count} ${kind} artifacts which is`;
  if (count < minimum)
    throw errors.InvalidActionDeclarationException(`${declares} less than the minimum count (${minimum})`);
  if (count > maximum)
    throw errors.InvalidActionDeclarationException(`${declares} more than the maximum count (${maximum})`);
}

/** Keys that are missing, unknown, too long or have a value that they cannot have. */
export function checkConfiguration(
  where: string,
  configuration: Readonly<Record<string, string>>,
  keys: Readonly<Record<string, ConfigurationKey>>,
  wrong: (message: string) => Error,
): void {
  for (const [key, { required = false }] of Object.entries(keys)) {
    if (required && !configuration[key])
      throw wrong(`Action configuration for ${where} is missing required configuration '${key}'`);
  }
  for (const [key, value] of Object.entries(configuration)) {
    const facts = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (facts === undefined) throw wrong(`Action configuration for ${where} contains unknown configuration '${key}'`);
    const longest = longValues[key] ?? longestValue;
    if (value.length > longest)
      throw wrong(`The value of '${key}' in the configuration for ${where} is longer than ${longest} characters`);
    if (facts.values !== undefined && !facts.values.includes(value) && referencesIn(value).length === 0) {
      throw wrong(
        `The value '${value}' of '${key}' in the configuration for ${where} is not one of: ${facts.values.join(", ")}`,
      );
    }
  }
}

function checkCommands(
  { name, actionTypeId, commands, outputVariables, environmentVariables }: Action,
  wrong: (message: string) => Error,
): void {
  const isCommands = actionTypeId.provider === "Commands";
  if (!isCommands) {
    if (commands !== undefined && commands.length > 0)
      throw wrong(`Action ${name} has commands, which only the Commands action takes`);
    if (outputVariables !== undefined && outputVariables.length > 0)
      throw wrong(`Action ${name} has outputVariables, which only the Commands action takes`);
    if (
      environmentVariables !== undefined &&
      environmentVariables.length > 0 &&
      actionTypeId.provider !== "CodeBuild"
    ) {
      throw wrong(`Action ${name} has environmentVariables, which only the Commands action takes`);
    }
    return;
  }
  if (commands === undefined || commands.length === 0)
    throw wrong(`Action ${name} must have a non-empty commands field`);
  const mistake = commandsMistake(commands);
  if (mistake !== undefined) throw wrong(`Action ${name} ${mistake}`);
}

/** What is wrong with the commands of an action or rule; undefined if nothing is. */
export function commandsMistake(commands: readonly string[]): string | undefined {
  if (commands.length > mostCommands) return `has ${commands.length} commands; at most ${mostCommands} are allowed`;
  const long = commands.findIndex((command) => command.length > longestCommand);
  if (long >= 0) return `has a command (number ${long + 1}) of more than ${longestCommand} characters`;
  const multiline = commands.findIndex((command) => /[\r\n]/.test(command));
  return multiline < 0
    ? undefined
    : `has a command (number ${multiline + 1}) with several lines; each must be a single one`;
}

/** What a provider demands beyond its keys. */
function checkProvider(action: Action, wrong: (message: string) => Error): void {
  const { name, actionTypeId: type, inputArtifacts = [] } = action;
  const configuration = action.configuration ?? {};
  const inputs = (inputArtifacts ?? []).map((artifact) => artifact.name);
  const missing = (key: string, when: string) =>
    wrong(`Action configuration for action '${name}' is missing required configuration '${key}' (${when})`);
  switch (actionTypeKey(type)) {
    case "Deploy/AWS/S3/1":
      if (configuration["Extract"] === "false" && !configuration["ObjectKey"])
        throw missing("ObjectKey", "when Extract is false");
      return;
    case "Deploy/AWS/CloudFormation/1":
      checkStackAction(name, configuration, inputs, missing, wrong);
      return;
    case "Build/AWS/CodeBuild/1":
    case "Test/AWS/CodeBuild/1":
    case "Compute/AWS/Commands/1": {
      const primary = configuration["PrimarySource"];
      if (inputs.length > 1 && primary === undefined)
        throw missing("PrimarySource", "when there is more than one input artifact");
      if (primary !== undefined && !inputs.includes(primary))
        throw wrong(`The PrimarySource '${primary}' of action '${name}' is not one of its input artifacts`);
      if (configuration["BatchEnabled"] === "true")
        throw wrong(`Action '${name}' has BatchEnabled: Trysail does not run batch builds`);
      if (configuration["EnvironmentVariables"] !== undefined)
        checkEnvironment(name, configuration["EnvironmentVariables"], wrong);
      return;
    }
    case "Deploy/AWS/ECS/1": {
      const timeout = configuration["DeploymentTimeout"];
      if (timeout === undefined || referencesIn(timeout).length > 0) return;
      if (!/^\d+$/.test(timeout) || Number(timeout) < 1 || Number(timeout) > longestEcsMinutes)
        throw wrong(
          `The DeploymentTimeout '${timeout}' of action '${name}' is not from 1 to ${longestEcsMinutes} minutes`,
        );
      return;
    }
    case "Approval/AWS/Manual/1": {
      const topic = configuration["NotificationArn"];
      if (topic && referencesIn(topic).length === 0 && !/^arn:[^:]+:sns:[^:]+:\d{12}:[^:]+$/.test(topic))
        throw wrong(`The NotificationArn '${topic}' of action '${name}' is not an SNS topic's`);
      return;
    }
    default:
      return;
  }
}

function checkEnvironment(name: string, json: string, wrong: (message: string) => Error): void {
  const shape = `a JSON list of objects with name, value and type`;
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw wrong(`The EnvironmentVariables of action '${name}' are not ${shape}`);
  }
  const isGood =
    Array.isArray(parsed) &&
    parsed.every(
      (entry: unknown) => typeof entry === "object" && entry !== null && "name" in entry && "value" in entry,
    );
  if (!isGood) throw wrong(`The EnvironmentVariables of action '${name}' are not ${shape}`);
}

function checkStackAction(
  name: string,
  configuration: Readonly<Record<string, string>>,
  inputs: readonly string[],
  missing: (key: string, when: string) => Error,
  wrong: (message: string) => Error,
): void {
  const mode = configuration["ActionMode"] ?? "";
  const needs: Readonly<Record<string, readonly string[]>> = {
    CREATE_UPDATE: ["TemplatePath", "RoleArn"],
    REPLACE_ON_FAILURE: ["TemplatePath", "RoleArn"],
    CHANGE_SET_REPLACE: ["TemplatePath", "RoleArn", "ChangeSetName"],
    CHANGE_SET_EXECUTE: ["ChangeSetName"],
    DELETE_ONLY: ["RoleArn"],
  };
  for (const key of needs[mode] ?? []) if (!configuration[key]) throw missing(key, `for the action mode ${mode}`);
  for (const key of ["TemplatePath", "TemplateConfiguration"]) {
    const value = configuration[key];
    if (value === undefined || value.startsWith("http") || referencesIn(value).length > 0) continue;
    const [artifact = "", file] = value.split("::");
    if (file === undefined || file === "")
      throw wrong(`The ${key} '${value}' of action '${name}' is not in the form Artifact::file`);
    if (!inputs.includes(artifact))
      throw wrong(
        `The ${key} of action '${name}' names the artifact '${artifact}', which is not one of its input artifacts`,
      );
  }
}
