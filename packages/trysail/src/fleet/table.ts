import { durationText } from "../terminal/duration.ts";
import { inColumns } from "../terminal/columns.ts";
import type { Fleet, FleetMember } from "./workload.ts";

/** States of what is or will be there, in EC2's words and in ECS's. */
const living = new Set(["pending", "running", "stopping", "shutting-down", "PROVISIONING", "PENDING", "ACTIVATING"]);
const isLiving = ({ state }: FleetMember) => living.has(state) || state === "RUNNING";

/**
 * The fleet as lines of a table.
 *
 * @param options.all - what has ended too
 * @param options.now - the time that durations are counted to
 */
export function fleetLines(
  { members, troubles }: Fleet,
  options: { readonly all: boolean; readonly now: number; readonly bold: (text: string) => string },
): string[] {
  const rows = members
    .filter((member) => options.all || isLiving(member))
    .toSorted((a, b) => order(a).localeCompare(order(b)))
    .map((member) => [
      options.bold(member.id),
      member.zone,
      member.belongsTo,
      member.state,
      member.address ?? "",
      member.pids.length === 0 ? "" : `pid ${member.pids.join(", ")}`,
      isLiving(member) ? sinceText(member, options.now) : (member.reason ?? ""),
    ]);
  const told = troubles.map(({ of, region, message }) => `! ${of} (${region}): ${message}`);
  return [...inColumns(rows), ...(told.length > 0 && rows.length > 0 ? ["", ...told] : told)];
}

const order = ({ region, kind, belongsTo, zone, id }: FleetMember) => [region, kind, belongsTo, zone, id].join("\n");

const sinceText = ({ since }: FleetMember, now: number) =>
  since === undefined ? "" : `for ${durationText(now - Date.parse(since))}`;
