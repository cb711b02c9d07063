import type { Buildspec } from "./buildspec/types.ts";

/** Where an environment variable's value comes from. */
export interface VariableSource {
  readonly type: "PLAINTEXT" | "PARAMETER_STORE" | "SECRETS_MANAGER";
  readonly value: string;
}

/**
 * Whose value counts, where a variable is given more than once: the build's own (which is the project's, with what
 * StartBuild overrides), then the buildspec's.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
 */
export function variableSources(
  buildspec: Pick<Buildspec, "variables" | "parameterStore" | "secretsManager">,
  own: readonly {
    readonly name: string | undefined;
    readonly value: string | undefined;
    readonly type?: string | undefined;
  }[],
): ReadonlyMap<string, VariableSource> {
  const from = (type: VariableSource["type"], values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, value]): [string, VariableSource] => [name, { type, value }]);
  return new Map([
    ...from("PLAINTEXT", buildspec.variables),
    ...from("PARAMETER_STORE", buildspec.parameterStore),
    ...from("SECRETS_MANAGER", buildspec.secretsManager),
    ...own.map(({ name = "", value = "", type }): [string, VariableSource] => [
      name,
      { value, type: type === "PARAMETER_STORE" || type === "SECRETS_MANAGER" ? type : "PLAINTEXT" },
    ]),
  ]);
}

/** Puts StartBuild's variables over the project's. The order is the project's; new ones follow. */
export function overrideVariables<V extends { readonly name?: string | undefined }>(
  own: readonly V[],
  overrides: readonly V[],
): V[] {
  const merged = new Map(own.map((variable) => [variable.name, variable]));
  for (const variable of overrides) merged.set(variable.name, variable);
  return [...merged.values()];
}

export interface SecretReference {
  readonly secretId: string;
  /** Undefined: the whole secret. */
  readonly jsonKey: string | undefined;
  readonly versionStage: string | undefined;
  readonly versionId: string | undefined;
}

/**
 * Reads `secret-id:json-key:version-stage:version-id`, of which all but the first may be left out. The secret's id may
 * be an ARN, which has colons of its own.
 */
export function parseSecretReference(text: string): SecretReference {
  const parts = text.split(":");
  const idParts = text.startsWith("arn:") ? 7 : 1;
  const [jsonKey, versionStage, versionId] = parts.slice(idParts).map((part) => (part === "" ? undefined : part));
  return { secretId: parts.slice(0, idParts).join(":"), jsonKey, versionStage, versionId };
}

/** The variables that may be exported: no secrets, and nothing of AWS's. */
export function exportable(names: readonly string[], sources: ReadonlyMap<string, VariableSource>): string[] {
  return names.filter((name) => !name.startsWith("AWS_") && (sources.get(name)?.type ?? "PLAINTEXT") === "PLAINTEXT");
}
