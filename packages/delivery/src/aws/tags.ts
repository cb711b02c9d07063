import { TrysailError } from "@trysail/core";
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
  /** Of the launch template, made for the group and deleted with it. */
  templateVersion: "trysail:launch-template-version",
  /** Of a target group: the server group that it is made for. */
  serverGroup: "trysail:server-group",
} as const;

/** AWS's limit on a tag's value. */
const longestValue = 256;

/**
 * @param cluster - the name of the cluster that is changed, for its canaries too
 * @throws TrysailError `tag-too-long` (fault: user): a version that cannot be told whole could not be made again
 */
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
    Object.entries(all).flatMap(([key, value]) => {
      if (value === undefined || value === "") return [];
      if (value.length > longestValue)
        throw new TrysailError(
          "tag-too-long",
          `The tag ${key} would have ${value.length} characters, and AWS allows ${longestValue}: ${value}`,
          { fault: "user" },
        );
      return [[key, value]];
    }),
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
