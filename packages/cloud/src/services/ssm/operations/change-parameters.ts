import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { readTags, tagList, withoutTags } from "../../../kernel/tags.ts";
import { errors } from "../errors.ts";
import { isValidLabel } from "../model.ts";
import type { Parameter } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findParameter, requireVersion, tables, versionsOf } from "../store.ts";

/** A version has at most this many labels. @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html */
const labelsPerVersion = 10;

function remove(ctx: Context, name: string): boolean {
  const parameter = findParameter(ctx, name);
  if (parameter === undefined) return false;
  for (const { version } of versionsOf(ctx, parameter.name))
    ctx.table(tables.versions).delete([parameter.name, version]);
  return ctx.table(tables.parameters).delete(parameter.name);
}

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html */
export const deleteParameter: Handler<Sdk, "deleteParameter"> = (ctx, input) => {
  if (!remove(ctx, input.Name)) throw errors.ParameterNotFound(`Parameter ${input.Name} not found.`);
  return {};
};

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameters.html */
export const deleteParameters: Handler<Sdk, "deleteParameters"> = (ctx, input) => {
  const gone = input.Names.filter((name) => remove(ctx, name));
  return { DeletedParameters: gone, InvalidParameters: input.Names.filter((name) => !gone.includes(name)) };
};

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html */
export const labelParameterVersion: Handler<Sdk, "labelParameterVersion"> = (ctx, input) => {
  const target = requireVersion(
    ctx,
    input.ParameterVersion === undefined ? input.Name : `${input.Name}:${input.ParameterVersion}`,
  );
  const invalid = input.Labels.filter((label) => !isValidLabel(label));
  const given = input.Labels.filter(isValidLabel);
  const rows = ctx.table(tables.versions);
  for (const version of versionsOf(ctx, target.name)) {
    const others = version.labels.filter((label) => !given.includes(label));
    const labels = version.version === target.version ? [...others, ...given] : others;
    if (labels.length > labelsPerVersion) {
      throw errors.ParameterVersionLabelLimitExceeded(
        `A parameter version can have maximum ${labelsPerVersion} labels.`,
      );
    }
    rows.put([version.name, version.version], { ...version, labels });
  }
  return { InvalidLabels: invalid, ParameterVersion: target.version };
};

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UnlabelParameterVersion.html */
export const unlabelParameterVersion: Handler<Sdk, "unlabelParameterVersion"> = (ctx, input) => {
  const target = requireVersion(ctx, `${input.Name}:${input.ParameterVersion}`);
  const labels = target.labels.filter((label) => !input.Labels.includes(label));
  ctx.table(tables.versions).put([target.name, target.version], { ...target, labels });
  const removed = input.Labels.filter((label) => target.labels.includes(label));
  return { RemovedLabels: removed, InvalidLabels: input.Labels.filter((label) => !removed.includes(label)) };
};

function taggable(ctx: Context, type: string, id: string): Parameter {
  if (type !== "Parameter")
    throw errors.ValidationException(`Trysail's Systems Manager has parameters only: it cannot tag a ${type}.`);
  const parameter = findParameter(ctx, id);
  if (parameter === undefined)
    throw errors.InvalidResourceId(`The resource ID ${id} is not valid. Verify the ID and try again.`);
  return parameter;
}

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html */
export const addTagsToResource: Handler<Sdk, "addTagsToResource"> = (ctx, input) => {
  const parameter = taggable(ctx, input.ResourceType, input.ResourceId);
  ctx.table(tables.parameters).put(parameter.name, { ...parameter, tags: readTags(input.Tags, parameter.tags) });
  return {};
};

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_RemoveTagsFromResource.html */
export const removeTagsFromResource: Handler<Sdk, "removeTagsFromResource"> = (ctx, input) => {
  const parameter = taggable(ctx, input.ResourceType, input.ResourceId);
  ctx.table(tables.parameters).put(parameter.name, { ...parameter, tags: withoutTags(parameter.tags, input.TagKeys) });
  return {};
};

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListTagsForResource.html */
export const listTagsForResource: Handler<Sdk, "listTagsForResource"> = (ctx, input) => ({
  TagList: tagList(taggable(ctx, input.ResourceType, input.ResourceId).tags),
});
