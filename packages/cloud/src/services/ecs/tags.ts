import type { Tags } from "../../kernel/tags.ts";

/** A tag as this service's API writes it. */
interface Tag {
  readonly key?: string | undefined;
  readonly value?: string | undefined;
}

/** The tags of a request, on top of those that there are. */
export function readTags(tags: readonly Tag[] | undefined, onto: Tags = {}): Tags {
  return { ...onto, ...Object.fromEntries((tags ?? []).map(({ key = "", value = "" }) => [key, value])) };
}

/** Tags as an answer lists them. */
export function tagList(tags: Tags): { key: string; value: string }[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}
