import { errors } from "../../errors.ts";
import { referencesIn } from "../variables.ts";
import { rulesOf, runOrderGroups } from "../definition.ts";
import type { Definition } from "../definition.ts";
import { repeated } from "./constraints.ts";

/** Namespaces that are CodePipeline's own. */
const reserved = ["codepipeline", "variables"];

/**
 * Artifacts have one producer and are produced before they are consumed; so are variables.
 *
 * @throws AwsError `InvalidActionDeclarationException`, `InvalidStructureException`
 */
export function validateFlowOfData(definition: Definition): void {
  const actions = definition.stages.flatMap((stage) => stage.actions.map((action) => ({ stage, action })));
  const [twice] = repeated(actions.flatMap(({ action }) => (action.outputArtifacts ?? []).map(({ name }) => name)));
  if (twice !== undefined) {
    throw errors.InvalidStructureException(
      `Output Artifact Bundle name must be unique within the pipeline. ${twice} has been used more than once.`,
    );
  }
  const withNamespace = actions.filter(({ action }) => action.namespace !== undefined);
  const shared = new Set(repeated(withNamespace.map(({ action }) => action.namespace ?? "")));
  if (shared.size > 0) {
    const places = withNamespace
      .filter(({ action }) => shared.has(action.namespace ?? ""))
      .map(
        ({ stage, action }) =>
          `StageName=[${stage.name}], ActionName=[${action.name}], Namespace=[${action.namespace}]`,
      );
    throw errors.InvalidActionDeclarationException(
      `Namespaces must be unique across the pipeline definition. The following occur more than once in the pipeline. ${places.join("; ")}`,
    );
  }
  const own = withNamespace.find(({ action }) => reserved.includes(action.namespace ?? ""));
  if (own !== undefined)
    throw errors.InvalidActionDeclarationException(
      `The namespace '${own.action.namespace}' of action '${own.action.name}' is reserved.`,
    );
  followData(definition);
}

function followData(definition: Definition): void {
  const artifacts = new Set<string>();
  const namespaces = new Set(["codepipeline"]);
  const variables = new Set((definition.variables ?? []).map(({ name }) => name));
  const checkReferences = (where: string, texts: Iterable<string>) => {
    for (const text of texts) {
      for (const [namespace, key] of referencesIn(text)) {
        if (namespace === "variables" ? variables.has(key) : namespaces.has(namespace)) continue;
        const what =
          namespace === "variables"
            ? `pipeline variable '${key}', which is not declared`
            : `namespace '${namespace}', which no preceding action has`;
        throw errors.InvalidActionDeclarationException(`${where} refers to the ${what}: #{${namespace}.${key}}`);
      }
    }
  };
  for (const stage of definition.stages) {
    const checkRules = (kind: "beforeEntry" | "onSuccess" | "onFailure") => {
      for (const rule of rulesOf(stage, kind)) {
        for (const { name } of rule.inputArtifacts ?? []) {
          if (!artifacts.has(name))
            throw errors.InvalidStageDeclarationException(
              `Input Artifact Bundle ${name} in rule ${rule.name} of stage ${stage.name} is not declared as Output Artifact Bundle in any of the preceding actions`,
            );
        }
        checkReferences(`Rule '${rule.name}' of stage '${stage.name}'`, Object.values(rule.configuration ?? {}));
      }
    };
    checkRules("beforeEntry");
    for (const group of runOrderGroups(stage)) {
      for (const action of group) {
        for (const { name } of action.inputArtifacts ?? []) {
          if (!artifacts.has(name)) {
            throw errors.InvalidActionDeclarationException(
              `Input Artifact Bundle ${name} in action ${action.name} is not declared as Output Artifact Bundle in any of the preceding actions`,
            );
          }
        }
        const values = [
          ...Object.values(action.configuration ?? {}),
          ...(action.environmentVariables ?? []).map(({ value }) => value),
        ];
        checkReferences(`Action '${action.name}' of stage '${stage.name}'`, values);
      }
      for (const action of group) {
        for (const { name } of action.outputArtifacts ?? []) artifacts.add(name);
        if (action.namespace !== undefined) namespaces.add(action.namespace);
      }
    }
    checkRules("onSuccess");
    checkRules("onFailure");
  }
}
