import type { Role, Version } from "../plan/model.ts";

/** By which rollouts know their server groups. */
export const tagKeys = {
  cluster: "trysail:cluster",
  role: "trysail:role",
  version: "trysail:version",
  artifact: "trysail:artifact",
  commit: "trysail:commit",
  committedAt: "trysail:committed-at",
  execution: "trysail:execution",
  promoted: "trysail:promoted",
} as const;

/** AWS's limit on a tag's value. */
const longestValue = 256;

/** @param cluster - the name of the cluster that is changed, for its canaries too */
export function tagsOf(cluster: string, role: Role, version: Version): Readonly<Record<string, string>> {
  const { id, artifact, commit, committedAt, execution } = version;
  const all = {
    [tagKeys.cluster]: cluster,
    [tagKeys.role]: role,
    [tagKeys.version]: id,
    [tagKeys.artifact]: artifact,
    [tagKeys.commit]: commit,
    [tagKeys.committedAt]: committedAt === undefined ? undefined : new Date(committedAt).toISOString(),
    [tagKeys.execution]: execution,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) =>
      value === undefined || value === "" ? [] : [[key, value.slice(0, longestValue)]],
    ),
  );
}

/** What a group's tags tell of it. */
export function readTags(tags: Readonly<Record<string, string>>): {
  readonly role: Role;
  readonly version: Version | undefined;
  readonly isPromoted: boolean;
} {
  const role = tags[tagKeys.role];
  const id = tags[tagKeys.version];
  const artifact = tags[tagKeys.artifact];
  const committedAt = Date.parse(tags[tagKeys.committedAt] ?? "");
  return {
    role: role === "canary" || role === "baseline" ? role : "server",
    isPromoted: tags[tagKeys.promoted] === "true",
    version:
      id === undefined || artifact === undefined
        ? undefined
        : {
            id,
            artifact,
            commit: tags[tagKeys.commit],
            committedAt: Number.isNaN(committedAt) ? undefined : committedAt,
            execution: tags[tagKeys.execution],
          },
  };
}

/** What a version's instances find in their environment. */
export const environmentOf = (cluster: string, group: string, { id, artifact, commit }: Version) => ({
  TRYSAIL_CLUSTER: cluster,
  TRYSAIL_SERVER_GROUP: group,
  TRYSAIL_VERSION: id,
  TRYSAIL_ARTIFACT: artifact,
  ...(commit === undefined ? {} : { TRYSAIL_COMMIT: commit }),
});
