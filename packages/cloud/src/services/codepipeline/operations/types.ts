import type { ActionConfigurationProperty, ActionType, RuleType } from "@aws-sdk/client-codepipeline";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { actionTypeKey, actionTypes, customActionTimeoutMinutes } from "../model/action-types.ts";
import type { ActionTypeFacts, ConfigurationKey } from "../model/action-types.ts";
import { ruleTypes } from "../model/rule-types.ts";
import { nameAt } from "../model/validation/constraints.ts";
import type { CustomActionType } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { definitionOf, tables } from "../store.ts";
import { readTags, tagList } from "./tags.ts";

const pageSize = 100;
const mostProperties = 10;
const mostCustomArtifacts = 5;

const propertyOf = ([name, key]: [string, ConfigurationKey]): ActionConfigurationProperty => ({
  name,
  required: key.required ?? false,
  key: key.key ?? true,
  secret: key.secret ?? false,
  ...(key.queryable === undefined ? {} : { queryable: key.queryable }),
});

const range = ([minimumCount, maximumCount]: readonly [number, number]) => ({ minimumCount, maximumCount });

function actionTypeOf({ id, inputs, outputs, configuration }: ActionTypeFacts): ActionType {
  return {
    id,
    actionConfigurationProperties: Object.entries(configuration).map(propertyOf),
    inputArtifactDetails: range(inputs),
    outputArtifactDetails: range(outputs),
  };
}

function customTypeOf({ facts, settings, descriptions }: CustomActionType): ActionType {
  const shown = actionTypeOf(facts);
  return {
    ...shown,
    settings,
    actionConfigurationProperties: (shown.actionConfigurationProperties ?? []).map((property) => ({
      ...property,
      ...descriptions[property.name ?? ""],
    })),
  };
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListActionTypes.html */
export const listActionTypes: Handler<Sdk, "listActionTypes"> = (ctx, input) => {
  const customTypes = [...ctx.table(tables.customTypes).values()].filter(({ deleted }) => !deleted).map(customTypeOf);
  const all = [...actionTypes.map(actionTypeOf), ...customTypes].filter(
    ({ id }) => input.actionOwnerFilter === undefined || id?.owner === input.actionOwnerFilter,
  );
  const { items, next } = pageOfList(all, input.nextToken, pageSize, errors.InvalidNextTokenException);
  return { actionTypes: items, nextToken: next };
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListRuleTypes.html */
export const listRuleTypes: Handler<Sdk, "listRuleTypes"> = () => ({
  ruleTypes: ruleTypes.map(({ provider, inputs, configuration }): RuleType => ({
    id: { category: "Rule", owner: "AWS", provider, version: "1" },
    ruleConfigurationProperties: Object.entries(configuration).map(propertyOf),
    inputArtifactDetails: range(inputs),
  })),
});

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_CreateCustomActionType.html */
export const createCustomActionType: Handler<Sdk, "createCustomActionType"> = (ctx, input) => {
  const { category, version, inputArtifactDetails, outputArtifactDetails, configurationProperties = [] } = input;
  const provider = nameAt(input.provider, "provider");
  if (configurationProperties.length > mostProperties) {
    throw errors.LimitExceededException(
      `A custom action type can have at most ${mostProperties} configuration properties.`,
    );
  }
  if (configurationProperties.filter(({ queryable }) => queryable === true).length > 1) {
    throw errors.ValidationException("A custom action type can have at most one queryable configuration property.");
  }
  const countsOf = (
    what: string,
    { minimumCount = 0, maximumCount = 0 }: { minimumCount: number | undefined; maximumCount: number | undefined },
  ) => {
    if (minimumCount < 0 || minimumCount > maximumCount || maximumCount > mostCustomArtifacts) {
      throw errors.ValidationException(
        `The ${what} of a custom action type must have a minimumCount up to its maximumCount, and that up to ${mostCustomArtifacts}.`,
      );
    }
    return [minimumCount, maximumCount] as const;
  };
  const id = { category, owner: "Custom" as const, provider, version };
  const facts: ActionTypeFacts = {
    id,
    inputs: countsOf("inputArtifactDetails", inputArtifactDetails),
    outputs: countsOf("outputArtifactDetails", outputArtifactDetails),
    configuration: Object.fromEntries(
      configurationProperties.map(({ name = "", required = false, key = false, secret = false, queryable }) => [
        name,
        { required, key, secret, ...(queryable === undefined ? {} : { queryable }) },
      ]),
    ),
    timeoutMinutes: customActionTimeoutMinutes,
  };
  const rows = ctx.table(tables.customTypes);
  const existing = rows.get(actionTypeKey(id));
  if (existing !== undefined) {
    const why = existing.deleted
      ? "was deleted: a custom action type cannot be made again with the same version"
      : "already exists";
    throw errors.ValidationException(`The action type ${category}/Custom/${provider}/${version} ${why}.`);
  }
  const custom: CustomActionType = {
    facts,
    settings: input.settings,
    descriptions: Object.fromEntries(
      configurationProperties.map(({ name = "", description, type }) => [name, { description, type }]),
    ),
    tags: readTags(input.tags),
    deleted: false,
  };
  rows.put(actionTypeKey(id), custom);
  return { actionType: customTypeOf(custom), tags: tagList(custom.tags) };
};

/**
 * A type that no pipeline has is gone; one that is in use is marked, and pipelines go on with it.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_DeleteCustomActionType.html
 */
export const deleteCustomActionType: Handler<Sdk, "deleteCustomActionType"> = (
  ctx,
  { category, provider, version },
) => {
  const key = actionTypeKey({ category, owner: "Custom", provider, version });
  const rows = ctx.table(tables.customTypes);
  const custom = rows.get(key);
  if (custom === undefined) return {};
  const isUsed = [...ctx.table(tables.pipelines).values()].some((pipeline) =>
    definitionOf(ctx, pipeline.name, pipeline.version).stages.some(({ actions }) =>
      actions.some(({ actionTypeId }) => actionTypeKey(actionTypeId) === key),
    ),
  );
  if (isUsed) rows.put(key, { ...custom, deleted: true });
  else rows.delete(key);
  return {};
};
