import { durationText } from "../terminal/duration.ts";
import type { Style } from "../terminal/terminal.ts";
import { shortId } from "./execution-view.ts";
import type { ActionView, ExecutionView, ViewStatus } from "./execution-view.ts";

/** How a status looks: a sign that tells it without colour, and the colour. */
function mark(status: ViewStatus, style: Style): string {
  switch (status) {
    case "Succeeded":
      return style.green("✓");
    case "Failed":
      return style.red("✗");
    case "InProgress":
    case "Stopping":
      return style.blue("▶");
    case "NotStarted":
      return style.dim("·");
    case "Skipped":
      return style.dim("↷");
    default:
      return style.yellow("■");
  }
}

/** The whole execution as lines: what a screen shows, redrawn while it runs. */
export function executionLines(view: ExecutionView, now: number, style: Style): string[] {
  const lines = [headline(view, style)];
  for (const stage of view.stages) {
    const waits = stage.waitsFor === undefined ? "" : style.yellow(`  waits for ${stage.waitsFor}`);
    lines.push(`${mark(stage.status, style)} ${style.bold(stage.name)}${waits}`);
    for (const action of stage.actions) lines.push(`  ${actionLine(action, now, style)}`, ...errorLines(action, style));
  }
  return lines;
}

export function headline(
  { pipeline, executionId, status, statusSummary, revisions }: ExecutionView,
  style: Style,
): string {
  const told = [
    `${mark(status, style)} ${style.bold(pipeline)}`,
    status,
    style.dim(shortId(executionId)),
    ...revisions,
  ];
  return told.join("  ") + (statusSummary === undefined ? "" : `  ${statusSummary}`);
}

function actionLine(action: ActionView, now: number, style: Style): string {
  const { name, status, summary, waitsFor, startedAt, endedAt } = action;
  const took = startedAt === undefined ? "" : durationText((endedAt?.getTime() ?? now) - startedAt.getTime());
  const rest = waitsFor === undefined ? style.dim(summary ?? "") : style.yellow(`waits for ${waitsFor}`);
  return [mark(status, style), name, took, rest].filter((part) => part !== "").join("  ");
}

function errorLines({ status, error = "", url, logStreamArn }: ActionView, style: Style): string[] {
  if (status !== "Failed") return [];
  // Of a build, the further lines are the end of its log, which is shown by itself.
  const lines = logStreamArn === undefined ? error.split("\n") : error.split("\n", 1);
  return [...lines, ...(url === undefined ? [] : [url])]
    .filter((line) => line !== "")
    .map((line) => `      ${style.red(line)}`);
}

/** What has changed from one view to the next, a line each: for where a screen cannot be redrawn. */
export function changeLines(before: ExecutionView | undefined, view: ExecutionView, style: Style): string[] {
  const lines: string[] = [];
  if (before === undefined) lines.push([view.pipeline, shortId(view.executionId), ...view.revisions].join("  "));
  else if (before.revisions.length === 0) lines.push(...view.revisions.map((revision) => `  ${revision}`));
  for (const stage of view.stages) {
    const stageBefore = before?.stages.find(({ name }) => name === stage.name);
    if (stage.waitsFor !== undefined && stage.waitsFor !== stageBefore?.waitsFor)
      lines.push(`${stage.name}  waits for ${stage.waitsFor}`);
    for (const action of stage.actions) {
      const actionBefore = stageBefore?.actions.find(({ name }) => name === action.name);
      const isNews =
        action.status !== "NotStarted" &&
        (action.status !== actionBefore?.status || action.startedAt?.getTime() !== actionBefore.startedAt?.getTime());
      if (!isNews) continue;
      const took =
        action.endedAt === undefined || action.startedAt === undefined
          ? ""
          : durationText(action.endedAt.getTime() - action.startedAt.getTime());
      const rest = action.waitsFor === undefined ? took : `waits for ${action.waitsFor}`;
      lines.push(
        `${mark(action.status, style)} ${[`${stage.name} / ${action.name}`, action.status, rest].filter((part) => part !== "").join("  ")}`,
      );
      lines.push(...errorLines(action, style));
    }
  }
  if (before?.status !== view.status && view.status !== "InProgress") lines.push(headline(view, style));
  return lines;
}
