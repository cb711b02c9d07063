import type {
  ActionDeclaration,
  ActionTypeId,
  PipelineDeclaration,
  RuleDeclaration,
  StageDeclaration,
} from "@aws-sdk/client-codepipeline";

/**
 * An SDK type whose required members are there, also within: what has passed validation. The SDK's own types allow
 * undefined everywhere.
 */
export type Complete<T> = T extends (infer E)[]
  ? Complete<E>[]
  : T extends Date | Uint8Array
    ? T
    : T extends object
      ? {
          [K in keyof T]: object extends Pick<T, K>
            ? Complete<Exclude<T[K], undefined>> | undefined
            : Complete<Exclude<T[K], undefined>>;
        }
      : T;

export type Definition = Complete<PipelineDeclaration>;
export type Stage = Complete<StageDeclaration>;
export type Action = Complete<ActionDeclaration>;
export type Rule = Complete<RuleDeclaration>;
export type TypeId = Complete<ActionTypeId>;

export function stageNamed(definition: Definition, name: string): Stage | undefined {
  return definition.stages.find((stage) => stage.name === name);
}

export function actionNamed(definition: Definition, stage: string, action: string): Action | undefined {
  return stageNamed(definition, stage)?.actions.find(({ name }) => name === action);
}

/** The conditions of a stage by what the definition calls them; AWS allows one of each. */
export function rulesOf(stage: Stage, kind: "beforeEntry" | "onSuccess" | "onFailure"): readonly Rule[] {
  return (stage[kind]?.conditions ?? []).flatMap(({ rules = [] }) => rules ?? []);
}

export function runOrderOf({ runOrder = 1 }: Action): number {
  return runOrder;
}

/** The names of actions that start together, in the order in which the groups run. */
export function runOrderGroups(stage: Stage): readonly (readonly Action[])[] {
  const orders = [...new Set(stage.actions.map(runOrderOf))].toSorted((a, b) => a - b);
  return orders.map((order) => stage.actions.filter((action) => runOrderOf(action) === order));
}

/** The artifact store that an action of that region uses; undefined if the definition has none for it. */
export function artifactStoreOf(definition: Definition, region: string, home: string): Definition["artifactStore"] {
  return definition.artifactStores?.[region] ?? (region === home ? definition.artifactStore : undefined);
}
