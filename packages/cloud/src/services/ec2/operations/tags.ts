import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { matcher } from "../filters.ts";
import { kindOfId } from "../kinds.ts";
import { find, invalidToken, pageSize } from "../resources-of-kind.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Context } from "../../../kernel/context.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { putTags } from "../tags.ts";
import { isWellKnownImage } from "../images/well-known.ts";

function checkResource(ctx: Context, id: string): void {
  const kind = kindOfId(id);
  if (kind === undefined) throw errors.InvalidID(`The ID '${id}' is not valid`);
  // Whoever uses a public image may give it tags of their own.
  if (!isWellKnownImage(ctx.region, id)) find(ctx, kind, id);
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html */
export const createTags: Handler<Sdk, "createTags"> = (ctx, input) => {
  for (const id of input.Resources) {
    checkResource(ctx, id);
    putTags(ctx, id, input.Tags);
  }
  return {};
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html */
export const deleteTags: Handler<Sdk, "deleteTags"> = (ctx, input) => {
  const rows = ctx.table(tables.tags);
  for (const id of input.Resources) {
    checkResource(ctx, id);
    const own = [...rows.keys({ prefix: [id] })].map(([, key]) => key);
    // Without tags, all of them but AWS's own. A tag with a value is deleted only if it has that value.
    const asked = input.Tags ?? own.filter((key) => !key.startsWith("aws:")).map((Key) => ({ Key, Value: undefined }));
    for (const { Key = "", Value } of asked)
      if (Value === undefined || rows.get([id, Key]) === Value) rows.delete([id, Key]);
  }
  return {};
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html */
export const describeTags: Handler<Sdk, "describeTags"> = (ctx, input) => {
  const matches = matcher(
    // `tag:…` looks at the tags that are listed, not at those of a resource.
    (input.Filters ?? []).flatMap((filter) => {
      const { Name = "", Values } = filter;
      return Name.startsWith("tag:")
        ? [
            { Name: "key", Values: [Name.slice(4)] },
            { Name: "value", Values },
          ]
        : [filter];
    }),
    { key: "Key", "resource-id": "ResourceId", "resource-type": "ResourceType", value: "Value" },
  );
  function* matching(options: { readonly after?: [string, string] }) {
    for (const [key, Value] of ctx.table(tables.tags).entries(options)) {
      const [ResourceId, Key] = key;
      const shown = { ResourceId, Key, Value, ResourceType: kindOfId(ResourceId)?.type };
      if (matches(shown)) yield [key, shown] as const;
    }
  }
  const { items, next } = pageOf(matching, input.NextToken, pageSize(input.MaxResults), invalidToken);
  return { Tags: items, NextToken: next };
};
