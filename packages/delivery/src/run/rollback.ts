import type { Version } from "../plan/model.ts";
import { isOver, statusText, type Rollout } from "../plan/rollout.ts";
import { clusterName } from "../server-groups/name.ts";
import type { RolloutSpec } from "../spec/model.ts";

/** What a rollback of a cluster is to do. */
export interface RollbackOrder {
  readonly spec: RolloutSpec;
  readonly version: Version;
}

/**
 * The rollback that brings an earlier version back: to all regions at once, and with nothing that would hold it up or undo it for
 * what the present version does.
 *
 * @param rollouts - all of the cluster
 * @param to - the version's id. @defaultValue the one that the cluster ran before the present one
 * @returns a sentence if there is none
 */
export function rollbackOf(rollouts: readonly Rollout[], to?: string): RollbackOrder | string {
  const going = rollouts.find((rollout) => !isOver(rollout));
  if (going !== undefined)
    return `${going.id} is ${statusText(going)}: what it changed is undone by trysail rollout abort ${going.id}.`;
  const ended = rollouts.toSorted((a, b) => endOf(a) - endOf(b) || a.createdAt - b.createdAt);
  const succeeded = ended.filter(({ status }) => status === "succeeded");
  const last = succeeded.at(-1);
  if (last === undefined) return "No rollout has succeeded here yet, so that there is no version to go back to.";
  const halted = ended.at(-1)?.status === "halted" ? ended.at(-1) : undefined;
  const version = to === undefined ? before(succeeded, halted) : named(succeeded, halted, to);
  return typeof version === "string" ? version : { spec: atOnce(last.spec), version };
}

const endOf = ({ endedAt, createdAt }: Rollout): number => endedAt ?? createdAt;

/**
 * The versions that a cluster came by to what it runs, oldest first. A rollback takes away those after the one that it went back to:
 * the next goes further back, and not to what was given up.
 */
function lineage(succeeded: readonly Rollout[]): readonly Version[] {
  let versions: readonly Version[] = [];
  for (const { kind, version } of succeeded) {
    const index = versions.findLastIndex(({ id }) => id === version.id);
    if (kind === "rollback" && index >= 0) versions = versions.slice(0, index + 1);
    else if (versions.at(-1)?.id !== version.id) versions = [...versions, version];
  }
  return versions;
}

function before(succeeded: readonly Rollout[], halted: Rollout | undefined): Version | string {
  const versions = lineage(succeeded);
  // Halfway to a version, it is gone back to the last that was whole; halfway back, it is tried again.
  if (halted?.kind === "rollback") return halted.version;
  const version = versions.at(halted === undefined ? -2 : -1);
  if (version !== undefined) return version;
  const [first] = versions;
  const others = known(succeeded).filter((id) => id !== first?.id);
  const named = others.length === 0 ? "" : ` Others can be named: ${others.join(", ")}.`;
  return `${first?.id ?? "It"} is the first version that was rolled out here: there is none before it.${named}`;
}

function named(succeeded: readonly Rollout[], halted: Rollout | undefined, to: string): Version | string {
  // A version that is rolled out again may have been built again.
  const found = succeeded.findLast(({ version }) => version.id === to)?.version;
  if (found === undefined)
    return `No rollout of version ${to} has succeeded here. Those that have: ${known(succeeded).join(", ")}.`;
  const present = lineage(succeeded).at(-1);
  return halted === undefined && present?.id === to ? `${to} is what ${clusterOf(succeeded)} runs already.` : found;
}

/** Ids, the newest first. */
const known = (succeeded: readonly Rollout[]): readonly string[] => [
  ...new Set(succeeded.toReversed().map(({ version }) => version.id)),
];

const clusterOf = (rollouts: readonly Rollout[]): string => {
  const cluster = rollouts.at(-1)?.spec.cluster;
  return cluster === undefined ? "the cluster" : clusterName(cluster);
};

/** Alarms and analyses measure what is to be ended: they would undo what ends it. */
const atOnce = (spec: RolloutSpec): RolloutSpec => ({
  ...spec,
  waves: [{ regions: spec.waves.flatMap(({ regions }) => regions), bakeMs: 0 }],
  strategy: { ...spec.strategy, pause: { kind: "time", ms: 0 } },
  canary: undefined,
  analysis: [],
  alarms: [],
  windows: {},
});
