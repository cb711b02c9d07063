/** A reference to a variable, as it stands in a configuration value. */
const reference = /#\{(?<namespace>[A-Za-z0-9@_-]+)\.(?<key>[A-Za-z0-9@_-]+)\}/g;

/** What references can be resolved with. */
export interface VariableScope {
  readonly executionId: string;
  /** The pipeline's own, under `variables`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Of actions that have run, by namespace. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The references in a text: `["SourceVariables", "CommitId"]`. */
export function referencesIn(text: string): readonly (readonly [namespace: string, key: string])[] {
  return [...text.matchAll(reference)].map(({ groups }) => [groups?.["namespace"] ?? "", groups?.["key"] ?? ""]);
}

/** A text whose references have been resolved, or the first that could not be. */
export type Resolved = { readonly text: string } | { readonly unknown: string };

/**
 * Replaces `#{namespace.key}`, `#{variables.NAME}` and `#{codepipeline.PipelineExecutionId}`. What a value holds is not
 * looked at again.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html
 */
export function resolve(text: string, scope: VariableScope): Resolved {
  let unknown: string | undefined;
  const resolved = text.replaceAll(reference, (whole, namespace: string, key: string) => {
    const value = valueOf(scope, namespace, key);
    if (value === undefined) unknown ??= whole;
    return value ?? whole;
  });
  return unknown === undefined ? { text: resolved } : { unknown };
}

function valueOf(
  { executionId, variables, outputs }: VariableScope,
  namespace: string,
  key: string,
): string | undefined {
  if (namespace === "codepipeline") return key === "PipelineExecutionId" ? executionId : undefined;
  const values = namespace === "variables" ? variables : outputs[namespace];
  return values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;
}

/** Keys whose values are JSON. What a variable holds must not break it. */
const jsonKeys = ["ParameterOverrides", "Variables", "SourceRevisions"];

/** Resolves the texts within a JSON value one by one; a text that is no JSON is resolved as it is. */
export function resolveInJson(json: string, scope: VariableScope): Resolved {
  let unknown: string | undefined;
  try {
    const text = JSON.stringify(
      JSON.parse(json, (_, value: unknown) => {
        if (typeof value !== "string") return value;
        const result = resolve(value, scope);
        if ("text" in result) return result.text;
        unknown ??= result.unknown;
        return value;
      }),
    );
    return unknown === undefined ? { text } : { unknown };
  } catch {
    return resolve(json, scope);
  }
}

/** Resolves every value of a configuration, or tells of the first reference that cannot be. */
export function resolveAll(
  configuration: Readonly<Record<string, string>>,
  scope: VariableScope,
): { readonly configuration: Record<string, string> } | { readonly unknown: string } {
  const resolved: Record<string, string> = {};
  for (const [key, value] of Object.entries(configuration)) {
    const result = jsonKeys.includes(key) ? resolveInJson(value, scope) : resolve(value, scope);
    if ("unknown" in result) return result;
    resolved[key] = result.text;
  }
  return { configuration: resolved };
}

/** All output variables of one action together. @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
export const largestVariablesBytes = 122_880;

export function variablesSizeBytes(variables: Readonly<Record<string, string>>): number {
  return Object.entries(variables).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
}
