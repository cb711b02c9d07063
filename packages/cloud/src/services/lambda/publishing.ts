import { isDeepStrictEqual } from "node:util";
import type { Context } from "../../kernel/context.ts";
import { useCode } from "./code/packages.ts";
import { latest } from "./model.ts";
import type { Version } from "./model.ts";
import { findFunction, tables } from "./store.ts";

/** What of a version tells it from another: all but its number, its description, and when it was made. */
function contentOf(version: Version): unknown {
  const content = {
    ...version,
    code: version.code.sha256,
    number: latest,
    description: "",
    modifiedAt: 0,
    revisionId: "",
  };
  // Members that are undefined may be left out.
  return JSON.parse(JSON.stringify(content));
}

/**
 * Publishes what `$LATEST` is now as a version; where nothing has changed since the last one, that one is it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 */
export function publish(ctx: Context, current: Version, description: string | undefined): Version {
  const versions = ctx.table(tables.versions);
  const owner = findFunction(ctx, current.functionName);
  const last = owner.lastVersion === latest ? undefined : versions.get([owner.name, owner.lastVersion]);
  if (last !== undefined && isDeepStrictEqual(contentOf(last), contentOf(current))) return last;
  const published: Version = {
    ...current,
    number: owner.lastVersion + 1,
    description: description ?? current.description,
    revisionId: ctx.ids.uuid(),
  };
  versions.put([owner.name, published.number], published);
  useCode(ctx, published.code, ...published.layers.map(({ code }) => code));
  ctx.table(tables.functions).put(owner.name, { ...owner, lastVersion: published.number });
  return published;
}
