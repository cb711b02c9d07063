import { isAwsError } from "../../../kernel/errors.ts";
import { parseSecretReference } from "../environment.ts";
import type { VariableSource } from "../environment.ts";
import { PhaseProblem } from "./problem.ts";
import type { Run } from "./run.ts";

/** GetParameters takes so many names at once. */
const parametersPerCall = 10;

/**
 * The values of a build's variables. Those of secrets are hidden in its log from then on.
 *
 * @throws PhaseProblem if a parameter or secret cannot be read
 */
export async function resolveVariables(
  run: Run,
  sources: ReadonlyMap<string, VariableSource>,
): Promise<Record<string, string>> {
  const all = [...sources];
  const parameters = all.filter(([, { type }]) => type === "PARAMETER_STORE");
  const parameterValues = await readParameters(run, [...new Set(parameters.map(([, { value }]) => value))]);
  const values: Record<string, string> = {};
  for (const [name, { type, value }] of all) {
    if (type === "PLAINTEXT") values[name] = value;
    else if (type === "PARAMETER_STORE") values[name] = parameterValues.get(value) ?? "";
    else values[name] = await readSecret(run, name, value);
  }
  return values;
}

/** The name of a parameter, of its name or its ARN. */
function parameterName(nameOrArn: string): string {
  return /^arn:[^:]+:ssm:[^:]*:\d{12}:parameter(?<name>\/.+)$/.exec(nameOrArn)?.groups?.["name"] ?? nameOrArn;
}

async function readParameters({ ctx, log }: Run, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (let from = 0; from < names.length; from += parametersPerCall) {
    const asked = names.slice(from, from + parametersPerCall);
    const { Parameters: found = [] } = await ctx.call.ssm.getParameters({
      Names: asked.map(parameterName),
      WithDecryption: true,
    });
    for (const name of asked) {
      const parameter = found.find(({ Name, ARN }) => Name === parameterName(name) || ARN === name);
      if (parameter?.Value === undefined) {
        throw new PhaseProblem("INVALID_PARAMETER", `Parameter ${name} does not exist.`);
      }
      if (parameter.Type === "SecureString") log.hide(parameter.Value);
      values.set(name, parameter.Value);
    }
  }
  return values;
}

async function readSecret({ ctx, log }: Run, name: string, reference: string): Promise<string> {
  const { secretId, jsonKey, versionStage, versionId } = parseSecretReference(reference);
  const fail = (message: string) =>
    new PhaseProblem("Secrets Manager Error Message", `${message} (environment variable ${name})`);
  try {
    const { SecretString: text } = await ctx.call.secretsmanager.getSecretValue({
      SecretId: secretId,
      VersionStage: versionStage,
      VersionId: versionId,
    });
    if (text === undefined) throw fail(`The secret ${secretId} has no text`);
    // The whole secret is one, also where only a part of it is asked for.
    log.hide(text);
    if (jsonKey === undefined) return text;
    const value = memberOf(text, jsonKey);
    if (value === undefined) throw fail(`The secret ${secretId} has no key ${jsonKey}`);
    log.hide(value);
    return value;
  } catch (error) {
    if (isAwsError(error)) throw fail(`${error.code}: ${error.message}`);
    throw error;
  }
}

function memberOf(text: string, key: string): string | undefined {
  try {
    const members = JSON.parse(text) as unknown;
    if (typeof members !== "object" || members === null || !Object.hasOwn(members, key)) return undefined;
    const value = (members as Record<string, unknown>)[key];
    return typeof value === "string" ? value : JSON.stringify(value);
  } catch {
    return undefined;
  }
}
