import type { Tag } from "@aws-sdk/client-auto-scaling";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { Group, GroupTag } from "../model/group.ts";
import type { Sdk } from "../sdk.ts";
import { findGroup, putGroup, tables } from "../store.ts";

/** The tags of a request, on top of those that there are. @throws AwsError `ValidationError` for a reserved key */
export function readTags(tags: readonly Tag[] | undefined, onto: readonly GroupTag[] = []): readonly GroupTag[] {
  const byKey = new Map(onto.map((tag) => [tag.key, tag]));
  for (const { Key: key = "", Value: value = "", PropagateAtLaunch: propagate = false } of tags ?? []) {
    if (key === "" || key.length > 128)
      throw errors.ValidationError("A tag key must have between 1 and 128 characters.");
    if (value.length > 256) throw errors.ValidationError("A tag value must have at most 256 characters.");
    byKey.set(key, { key, value, propagate });
  }
  return [...byKey.values()];
}

export function showTag({ name }: Pick<Group, "name">, { key, value, propagate }: GroupTag) {
  return {
    ResourceId: name,
    ResourceType: "auto-scaling-group",
    Key: key,
    Value: value,
    PropagateAtLaunch: propagate,
  };
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateOrUpdateTags.html */
export const createOrUpdateTags: Handler<Sdk, "createOrUpdateTags"> = (ctx, { Tags }) => {
  for (const tag of Tags) {
    const group = findGroup(ctx, tag.ResourceId);
    putGroup(ctx, { ...group, tags: readTags([tag], group.tags) });
  }
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteTags.html */
export const deleteTags: Handler<Sdk, "deleteTags"> = (ctx, { Tags }) => {
  for (const tag of Tags) {
    const group = findGroup(ctx, tag.ResourceId);
    // With a value, only the tag that has it goes.
    const goes = ({ key, value }: GroupTag) => key === tag.Key && (tag.Value === undefined || value === tag.Value);
    putGroup(ctx, { ...group, tags: group.tags.filter((one) => !goes(one)) });
  }
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeTags.html */
export const describeTags: Handler<Sdk, "describeTags"> = (ctx, input) => {
  const matches = (tag: ReturnType<typeof showTag>) =>
    (input.Filters ?? []).every(({ Name = "", Values = [] }) => {
      switch (Name) {
        case "auto-scaling-group":
          return Values.includes(tag.ResourceId);
        case "key":
          return Values.includes(tag.Key);
        case "value":
          return Values.includes(tag.Value);
        case "propagate-at-launch":
          return Values.includes(String(tag.PropagateAtLaunch));
        default:
          throw errors.ValidationError(
            `Filter type ${Name} is not correct. Allowed Filter types are: [auto-scaling-group, key, value, propagate-at-launch]`,
          );
      }
    });
  const groups = [...ctx.table(tables.groups).values()];
  const all = groups.flatMap((group) => group.tags.map((tag) => showTag(group, tag))).filter(matches);
  const { items, next } = pageOfList(all, input.NextToken, input.MaxRecords ?? 50, errors.InvalidNextToken);
  return { Tags: items, NextToken: next };
};
