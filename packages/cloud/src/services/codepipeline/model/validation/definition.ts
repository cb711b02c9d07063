import type { PipelineDeclaration } from "@aws-sdk/client-codepipeline";
import { errors } from "../../errors.ts";
import type { Definition, Stage } from "../definition.ts";
import { validateAction } from "./actions.ts";
import type { TypeLookup } from "./actions.ts";
import { validateFlowOfData } from "./artifacts.ts";
import { validateConditions } from "./conditions.ts";
import {
  artifactNameAt,
  countWithin,
  demand,
  member,
  nameAt,
  namespaceAt,
  oneOf,
  repeated,
  within,
} from "./constraints.ts";
import { validateTriggersAndVariables } from "./triggers.ts";

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const fewestStages = 2;
const mostStages = 50;
const mostActionsInStage = 50;
const mostActions = 1000;
const mostRunOrders = 999;
/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html */
const timeoutMinutes = { least: 5, most: 86_400 };

/**
 * Checks a definition as CodePipeline does, and fills in its defaults (version aside).
 *
 * @param region - the pipeline's own
 * @throws AwsError `ValidationException`, `InvalidStructureException`, `InvalidStageDeclarationException`,
 * `InvalidActionDeclarationException`, `InvalidBlockerDeclarationException`, all with the place
 */
export function validateDefinition(given: PipelineDeclaration, lookup: TypeLookup, region: string): Definition {
  const shaped = checkShape(given);
  const pipelineType = shaped.pipelineType ?? "V1";
  const definition: Definition = { ...shaped, pipelineType, executionMode: shaped.executionMode ?? "SUPERSEDED" };
  if (pipelineType === "V1" && definition.executionMode !== "SUPERSEDED") {
    throw errors.InvalidStructureException(
      `The execution mode ${definition.executionMode} is only supported for pipelines of type V2.`,
    );
  }
  checkStages(definition);
  for (const [index, stage] of definition.stages.entries()) {
    for (const action of stage.actions) {
      validateAction(action, lookup, region);
      if (pipelineType === "V1" && action.actionTypeId.provider === "Commands") {
        throw errors.InvalidActionDeclarationException(
          `Action ${action.name} is a Commands action, which is only supported for pipelines of type V2.`,
        );
      }
    }
    if (pipelineType === "V1" && (stage.beforeEntry ?? stage.onSuccess ?? stage.onFailure) !== undefined) {
      throw errors.InvalidStageDeclarationException(
        `Stage '${stage.name}' has conditions, which are only supported for pipelines of type V2.`,
      );
    }
    validateConditions(stage, index, definition.executionMode ?? "SUPERSEDED");
  }
  validateFlowOfData(definition);
  validateTriggersAndVariables(definition);
  checkStores(definition, region);
  return definition;
}

/** That what must be there is there, and that names are such. */
function checkShape(given: PipelineDeclaration): Definition {
  nameAt(given.name, "pipeline.name");
  demand(given.roleArn, "pipeline.roleArn");
  oneOf(given.executionMode, "pipeline.executionMode", ["QUEUED", "SUPERSEDED", "PARALLEL"]);
  oneOf(given.pipelineType, "pipeline.pipelineType", ["V1", "V2"]);
  for (const [index, stage] of demand(given.stages, "pipeline.stages").entries()) {
    const at = member("pipeline.stages", index);
    nameAt(stage.name, `${at}.name`);
    for (const [position, action] of demand(stage.actions, `${at}.actions`).entries()) {
      const place = member(`${at}.actions`, position);
      nameAt(action.name, `${place}.name`);
      const type = demand(action.actionTypeId, `${place}.actionTypeId`);
      for (const part of ["category", "owner", "provider", "version"] as const)
        demand(type[part], `${place}.actionTypeId.${part}`);
      within(action.runOrder, `${place}.runOrder`, 1, mostRunOrders);
      within(action.timeoutInMinutes, `${place}.timeoutInMinutes`, timeoutMinutes.least, timeoutMinutes.most);
      if (action.namespace !== undefined) namespaceAt(action.namespace, `${place}.namespace`);
      countWithin(action.environmentVariables, `${place}.environmentVariables`, 1, 10);
      for (const kind of ["inputArtifacts", "outputArtifacts"] as const) {
        for (const [number, { name }] of (action[kind] ?? []).entries())
          artifactNameAt(name, `${member(`${place}.${kind}`, number)}.name`);
      }
    }
    checkConditionShapes(stage as Stage, at);
  }
  for (const [index, { gitConfiguration }] of (given.triggers ?? []).entries()) {
    const at = member("pipeline.triggers", index);
    demand(
      demand(gitConfiguration, `${at}.gitConfiguration`).sourceActionName,
      `${at}.gitConfiguration.sourceActionName`,
    );
  }
  return given as Definition;
}

function checkConditionShapes(stage: Stage, at: string): void {
  for (const kind of ["beforeEntry", "onSuccess", "onFailure"] as const) {
    for (const [index, condition] of (stage[kind]?.conditions ?? []).entries()) {
      const place = member(`${at}.${kind}.conditions`, index);
      for (const [number, rule] of (condition.rules ?? []).entries()) {
        const path = member(`${place}.rules`, number);
        nameAt(rule.name, `${path}.name`);
        const type = demand(rule.ruleTypeId, `${path}.ruleTypeId`);
        demand(type.category, `${path}.ruleTypeId.category`);
        demand(type.provider, `${path}.ruleTypeId.provider`);
      }
    }
  }
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html */
function checkStages({ stages }: Definition): void {
  const wrong = (message: string) => errors.InvalidStructureException(message);
  if (stages.length < fewestStages) {
    throw wrong(
      `Pipeline has only ${stages.length} stage(s). There should be a minimum of ${fewestStages} stages in a pipeline`,
    );
  }
  if (stages.length > mostStages)
    throw wrong(
      `Pipeline has ${stages.length} stages. There should be a maximum of ${mostStages} stages in a pipeline`,
    );
  const [twice] = repeated(stages.map(({ name }) => name));
  if (twice !== undefined)
    throw wrong(`Stage names must be unique within a pipeline. ${twice} has been used more than once.`);
  const count = stages.reduce((sum, { actions }) => sum + actions.length, 0);
  if (count > mostActions)
    throw wrong(`Pipeline has ${count} actions. There should be a maximum of ${mostActions} actions in a pipeline`);
  for (const [index, stage] of stages.entries()) {
    if (stage.actions.length === 0)
      throw errors.InvalidStageDeclarationException(
        `Stage '${stage.name}' has no actions. There should be at least one in a stage.`,
      );
    if (stage.actions.length > mostActionsInStage) {
      throw errors.InvalidStageDeclarationException(
        `Stage '${stage.name}' has ${stage.actions.length} actions; at most ${mostActionsInStage} are allowed.`,
      );
    }
    const [action] = repeated(stage.actions.map(({ name }) => name));
    if (action !== undefined)
      throw errors.InvalidStageDeclarationException(
        `Action names must be unique within a stage. ${action} has been used more than once in the stage '${stage.name}'.`,
      );
    const [blocker] = repeated((stage.blockers ?? []).map(({ name }) => name));
    if (blocker !== undefined)
      throw errors.InvalidBlockerDeclarationException(
        `Blocker names must be unique within a stage. ${blocker} has been used more than once in the stage '${stage.name}'.`,
      );
    const other = stage.actions.find(({ actionTypeId }) => (actionTypeId.category === "Source") !== (index === 0));
    if (other === undefined) continue;
    throw index === 0
      ? wrong(
          `Pipeline should start with a stage that only contains source actions. The action '${other.name}' of the stage '${stage.name}' is of the category ${other.actionTypeId.category}.`,
        )
      : wrong(
          `Source actions are only allowed in the first stage. The action '${other.name}' of the stage '${stage.name}' is one.`,
        );
  }
}

function checkStores(definition: Definition, region: string): void {
  const { artifactStore: one, artifactStores: many, stages } = definition;
  if ((one === undefined) === (many === undefined)) {
    throw errors.InvalidStructureException(
      "A pipeline must have either an artifactStore or artifactStores, and cannot have both.",
    );
  }
  for (const [where, store] of many === undefined
    ? [["pipeline.artifactStore", one] as const]
    : Object.entries(many).map(([key, value]) => [`pipeline.artifactStores.${key}`, value] as const)) {
    demand(store?.location, `${where}.location`);
    oneOf(demand(store?.type, `${where}.type`), `${where}.type`, ["S3"]);
  }
  if (many !== undefined && many[region] === undefined) {
    throw errors.InvalidStructureException(`The artifactStores have none for the pipeline's own region, ${region}.`);
  }
  for (const stage of stages) {
    for (const action of stage.actions) {
      if (action.region === undefined || action.region === region || many?.[action.region] !== undefined) continue;
      throw errors.InvalidActionDeclarationException(
        `Action '${action.name}' of the stage '${stage.name}' is in the region ${action.region}, for which the pipeline has no artifact store.`,
      );
    }
  }
}
