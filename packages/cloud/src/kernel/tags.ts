/** Tags as services keep them. */
export type Tags = Readonly<Record<string, string>>;

/** A tag as most of AWS's APIs write it. */
interface Tag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** The tags of a request, on top of those that there are. */
export function readTags(tags: readonly Tag[] | undefined, onto: Tags = {}): Tags {
  return { ...onto, ...Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])) };
}

/** Tags as an answer lists them. */
export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** The tags but for those of these keys. */
export function withoutTags(tags: Tags, keys: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
}
