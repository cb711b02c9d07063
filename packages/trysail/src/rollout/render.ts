import { clusterName, isOver } from "@trysail/delivery";
import type { RegionState, Rollout } from "@trysail/delivery";
import { inColumns } from "../terminal/columns.ts";
import { durationText } from "../terminal/duration.ts";
import { cut } from "../terminal/live-block.ts";
import type { Style } from "../terminal/terminal.ts";
import { wrapped } from "../terminal/wrap.ts";
import { groupRows } from "./group-rows.ts";
import { regionHead, regionNotes } from "./region-lines.ts";
import { standingOf, waitingOf, waitingText } from "./shown.ts";
import type { ShownRollout, Waiting } from "./shown.ts";
import type { Signs } from "./signs.ts";

/** How a page looks, and the room that it has. */
export interface Look {
  readonly style: Style;
  readonly signs: Signs;
  readonly columns: number;
  /** Undefined where a page may be as long as it is. */
  readonly rows: number | undefined;
}

/**
 * How much is told of each region:
 *
 * - `all`: its groups, the steps, each judgement
 * - `going`: the same of those that go on, and a line of the others
 * - `least`: a line, and what it waits for
 */
export type Detail = "all" | "going" | "least";

/** A line, or a row of the table that the groups of all regions make together. */
type Part = string | { readonly indent: string; readonly cells: readonly string[] };

/** The whole rollout as lines, drawn again while it goes on: as much of it as there is room for. */
export function rolloutLines(shown: ShownRollout, now: number, look: Look): string[] {
  const { rows = Infinity } = look;
  let lines: string[] = [];
  for (const detail of ["all", "going", "least"] as const) {
    lines = pageOf(shown, now, look, detail);
    if (lines.length <= rows) return lines;
  }
  const left = lines.length - rows + 1;
  return [...lines.slice(0, rows - 1), look.style.dim(`${look.signs.more} ${left} more lines`)];
}

function pageOf(shown: ShownRollout, now: number, look: Look, detail: Detail): string[] {
  const { rollout } = shown.stored;
  const waiting = waitingOf(shown, now);
  const trouble = shown.trouble === undefined ? [] : block(troubleText(shown.trouble), "  ", look, look.style.red);
  const parts: Part[] = [...headLines(shown, now, look), ...trouble, ...wholeLines(rollout, waiting, look), ""];
  const { waves } = rollout.spec;
  for (const [index, { regions }] of waves.entries()) {
    const indent = waves.length === 1 ? "" : "  ";
    if (waves.length > 1) parts.push(waveLine(rollout, index, look));
    for (const region of regions) {
      const state = rollout.regions[region];
      if (state !== undefined) parts.push(...regionParts(shown, region, state, waiting, now, look, detail, indent));
    }
  }
  parts.push(...endLines(shown, look));
  return aligned(parts).map((line) => cut(line, look.columns));
}

function headLines({ stored: { rollout } }: ShownRollout, now: number, { style, signs }: Look): string[] {
  const { id, kind, spec, version, status, createdAt, endedAt } = rollout;
  const what = kind === "rollback" ? `back to ${version.id}` : version.id;
  const commit =
    version.commit === undefined || version.commit.startsWith(version.id) ? "" : version.commit.slice(0, 7);
  const told = [
    `${statusSign(status, style, signs)} ${style.bold(clusterName(spec.cluster))}`,
    style.bold(what),
    commit,
    standingOf(rollout),
    style.dim(durationText((endedAt ?? now) - createdAt)),
  ];
  return [told.filter((part) => part !== "").join("  "), style.dim(`  ${id}`)];
}

function statusSign(status: Rollout["status"], style: Style, signs: Signs): string {
  switch (status) {
    case "queued":
      return style.dim(signs.pending);
    case "running":
      return style.blue(signs.running);
    case "undoing":
      return style.yellow(signs.undoing);
    case "succeeded":
      return style.green(signs.done);
    case "undone":
      return style.yellow(signs.undone);
    case "halted":
      return style.red(signs.failed);
  }
}

export const troubleText = (trouble: string): string => `it cannot be read now, and is tried again: ${trouble}`;

/** Why it failed, and what all of it waits for. */
function wholeLines(rollout: Rollout, waiting: Waiting, look: Look): string[] {
  const { style } = look;
  const reason = rollout.reason === undefined ? [] : block(`why: ${rollout.reason}`, "  ", look, style.red);
  const paused =
    rollout.isPaused && !isOver(rollout)
      ? block("paused: nothing more is exposed until `trysail rollout resume`", "  ", look, style.yellow)
      : [];
  const whole = waiting.whole === undefined ? [] : block(waitingText(waiting.whole), "  ", look, style.yellow);
  return [...reason, ...paused, ...whole];
}

function waveLine({ spec, regions }: Rollout, index: number, { style, signs }: Look): string {
  const phases = (spec.waves[index]?.regions ?? []).map((region) => regions[region]?.phase ?? "pending");
  const is = (...some: readonly RegionState["phase"][]) => phases.some((phase) => some.includes(phase));
  const sign = is("halted")
    ? style.red(signs.failed)
    : is("undoing")
      ? style.yellow(signs.undoing)
      : is("undone")
        ? style.yellow(signs.undone)
        : phases.every((phase) => phase === "succeeded")
          ? style.green(signs.done)
          : is("running", "succeeded")
            ? style.blue(signs.running)
            : style.dim(signs.pending);
  return `${sign} ${style.bold(`wave ${index + 1}`)}`;
}

function regionParts(
  shown: ShownRollout,
  region: string,
  state: RegionState,
  waiting: Waiting,
  now: number,
  look: Look,
  detail: Detail,
  indent: string,
): Part[] {
  const { rollout } = shown.stored;
  const isGoing = state.phase === "running" || state.phase === "undoing" || state.phase === "halted";
  const inner = `${indent}    `;
  const groups = detail === "all" || (detail === "going" && isGoing) ? (shown.view?.regions[region] ?? []) : [];
  const task = "task" in state ? state.task : undefined;
  const rows = groupRows(groups, task, clusterName(rollout.spec.cluster), look);
  const troubles = groups.flatMap(({ name, reason }) =>
    reason === undefined ? [] : block(`${name}: ${reason}`, inner, look, look.style.yellow),
  );
  const text = waiting.regions[region];
  return [
    `${indent}${regionHead(rollout, region, state, now, look)}`,
    ...rows.map((cells) => ({ indent: inner, cells })),
    ...troubles,
    ...regionNotes(rollout, region, state, { ...look, indent: inner, detail }),
    ...(text === undefined ? [] : waits(text, inner, look, detail)),
  ];
}

/** Where there is little room, what does not fit into a line is left out. */
function waits(text: string, indent: string, look: Look, detail: Detail): string[] {
  const lines = block(waitingText(text), indent, look, look.style.yellow);
  return detail === "least" ? lines.slice(0, 1) : lines;
}

/** What is left to say when it is over. */
function endLines({ stored: { rollout, calls } }: ShownRollout, look: Look): string[] {
  if (!isOver(rollout)) return [];
  const { style } = look;
  const { reading, changing } = calls;
  const counted =
    reading + changing === 0 ? [] : [style.dim(`${changing} calls of AWS's API changed something, ${reading} read.`)];
  const isBad =
    rollout.status !== "succeeded" && Object.values(rollout.regions).some(({ phase }) => phase !== "pending");
  const isJudged = /(?:^|: )canary: /.test(rollout.reason ?? "");
  const why = [
    ...(isJudged ? [style.dim(`The judgement: trysail rollout report ${rollout.id}`)] : []),
    ...(isBad ? [style.dim(`All that happened: trysail rollout journal ${rollout.id}`)] : []),
  ];
  return ["", ...block(endText(rollout), "", look, (text) => text), ...why, ...counted];
}

function endText({ id, status, version, regions }: Rollout): string {
  const states = Object.values(regions);
  if (status === "succeeded") return `${version.id} serves in ${Object.keys(regions).join(", ")}.`;
  if (status === "halted")
    return `Something is left that a person must look at. To undo it again: trysail rollout abort ${id}`;
  if (states.every(({ phase }) => phase === "pending")) return "Nothing was changed.";
  return states.some((state) => state.phase === "undone" && state.left !== undefined)
    ? "It is undone, but for what is told above."
    : "What served before serves again.";
}

/** A text of any length below an indent, each of its lines painted. */
export function block(
  text: string,
  indent: string,
  { columns }: Pick<Look, "columns">,
  paint: (text: string) => string,
): string[] {
  return wrapped(text, columns - indent.length).map((line) => indent + paint(line));
}

function aligned(parts: readonly Part[]): string[] {
  const rows = parts.flatMap((part) => (typeof part === "string" ? [] : [[...part.cells]]));
  const table = inColumns(rows).values();
  return parts.map((part) => (typeof part === "string" ? part : part.indent + (table.next().value ?? "")));
}
