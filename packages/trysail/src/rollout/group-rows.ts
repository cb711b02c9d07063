import { readyIn, servingIn } from "@trysail/delivery";
import type { Instance, RegionTask, ServerGroup } from "@trysail/delivery";
import type { Style } from "../terminal/terminal.ts";
import type { Signs } from "./signs.ts";

/** How the rows of server groups look. */
export interface GroupLook {
  readonly style: Style;
  readonly signs: Signs;
  readonly columns: number;
}

/** What a group is in a rollout. */
type Part = "new" | "back" | "old" | "canary" | "baseline" | "serves" | "kept";

const barWidth = 10;
const mostDots = 12;
/** Below this there is no room for bars and dots beside the numbers. */
const roomyColumns = 90;

/**
 * The server groups of a region as rows of a table: what was there first, then what is compared, the new one last.
 *
 * @param cluster - its name, which the groups' names begin with
 */
export function groupRows(
  groups: readonly ServerGroup[],
  task: RegionTask | undefined,
  cluster: string,
  look: GroupLook,
): string[][] {
  const shares = trafficShares(groups);
  const order: readonly Part[] = ["kept", "serves", "old", "baseline", "canary", "back", "new"];
  return groups
    .map((group, index) => ({ group, part: partOf(group, task), share: shares[index] ?? 0 }))
    .toSorted((a, b) => order.indexOf(a.part) - order.indexOf(b.part) || a.group.createdAt - b.group.createdAt)
    .map(({ group, part, share }) => {
      const isEmpty = group.size.desired === 0 && group.instances.length === 0;
      const dim = (text: string) => (isEmpty ? look.style.dim(text) : text);
      const name = look.columns >= 110 ? group.name : group.name.replace(`${cluster}-`, "");
      return [
        dim(name),
        look.style.dim(part),
        dim(group.version?.id ?? "no version"),
        ...healthCells(group, isEmpty, look),
        trafficCell(share, isEmpty, look),
      ];
    });
}

function partOf({ name, role, isServing }: ServerGroup, task: RegionTask | undefined): Part {
  if (role !== "server") return role;
  if (name === task?.target.group) return task.target.found === undefined ? "new" : "back";
  if ([task?.source, ...(task?.others ?? [])].some((found) => found?.group === name)) return "old";
  return isServing ? "serves" : "kept";
}

/** Whole percents of the traffic, by group: by weights where there are some, else by the instances that serve. */
export function trafficShares(groups: readonly ServerGroup[]): readonly number[] {
  const hasWeights = groups.some(({ weight }) => weight !== undefined);
  const parts = groups.map((group) => (hasWeights ? (group.weight ?? 0) : servingIn(group)));
  const all = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => (all === 0 ? 0 : Math.round((part / all) * 100)));
}

type Condition = "healthy" | "idle" | "starting" | "ill" | "leaving";

function conditionOf({ lifecycle, health, isRegistered }: Instance): Condition {
  if (lifecycle === "ending" || health === "draining") return "leaving";
  if (health === "unhealthy") return "ill";
  if (lifecycle === "starting" || health === "starting") return "starting";
  if (health === "healthy") return "healthy";
  return isRegistered ? "starting" : "idle";
}

const words: Readonly<Record<Condition, string>> = {
  healthy: "healthy",
  idle: "without traffic",
  starting: "starting",
  ill: "unhealthy",
  leaving: "leaving",
};

function healthCells(group: ServerGroup, isEmpty: boolean, look: GroupLook): string[] {
  const { style, columns } = look;
  const isRoomy = columns >= roomyColumns;
  if (isEmpty) return [...(isRoomy ? [""] : []), style.dim(group.isDeleting ? "being deleted" : "no instances")];
  const counts = countsOf(group.instances);
  const healthy = counts.get("healthy") ?? 0;
  const wanted = Math.max(group.size.desired, healthy);
  const others = [...counts].flatMap(([condition, count]) =>
    condition === "healthy" ? [] : [`${count} ${words[condition]}`],
  );
  const isWhole = readyIn(group) >= group.size.desired || (!group.isServing && healthy >= group.size.desired);
  const paint = isWhole ? style.green : (counts.get("ill") ?? 0) > 0 ? style.red : style.yellow;
  const text = [
    paint(`${healthy} of ${wanted} healthy`),
    ...others,
    ...(group.isDeleting ? ["being deleted"] : []),
  ].join(", ");
  return isRoomy ? [dots(counts, look), text] : [text];
}

function countsOf(instances: readonly Instance[]): ReadonlyMap<Condition, number> {
  const conditions = instances.map(conditionOf);
  const all: readonly Condition[] = ["healthy", "idle", "starting", "ill", "leaving"];
  return new Map(
    all.flatMap((condition) => {
      const count = conditions.filter((one) => one === condition).length;
      return count === 0 ? [] : [[condition, count] as const];
    }),
  );
}

/** A sign for each instance; of many, for so many each, none left out that there is. */
function dots(counts: ReadonlyMap<Condition, number>, { style, signs }: GroupLook): string {
  const paints = {
    healthy: style.green,
    idle: style.dim,
    starting: style.yellow,
    ill: style.red,
    leaving: style.dim,
  } as const;
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const scale = Math.min(1, mostDots / all);
  return [...counts]
    .map(([condition, count]) => paints[condition](signs[condition].repeat(Math.max(1, Math.round(count * scale)))))
    .join("");
}

function trafficCell(share: number, isEmpty: boolean, { style, signs, columns }: GroupLook): string {
  const text = `${String(share).padStart(3)} %`;
  if (columns < roomyColumns) return isEmpty ? "" : `${text} of the traffic`;
  if (isEmpty) return "";
  // What has a little must not look like what has none.
  const full = share === 0 ? 0 : Math.max(1, Math.round((share / 100) * barWidth));
  return `${style.blue(signs.full.repeat(full))}${style.dim(signs.empty.repeat(barWidth - full))} ${text}`;
}
