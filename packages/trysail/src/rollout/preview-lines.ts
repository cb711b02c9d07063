import { clusterName, timeText } from "@trysail/delivery";
import type { Capacity } from "@trysail/delivery";
import { inColumns } from "../terminal/columns.ts";
import type { Style } from "../terminal/terminal.ts";
import { wrapped } from "../terminal/wrap.ts";
import type { Preview, RegionPreview, StepPreview } from "./preview.ts";

type PossibleRegion = RegionPreview & { readonly kind: "possible" };
type Fact = readonly [name: string, text: string, paint?: (text: string) => string];

interface PreviewLook {
  readonly style: Style;
  readonly columns: number;
}

const factWidth = 9;

/**
 * What a rollout would do, as lines.
 *
 * @param now - in milliseconds: what is shut is told with the time until it opens
 */
export function previewLines(preview: Preview, now: number, look: PreviewLook): string[] {
  const { style } = look;
  const { spec, version, kind, waves } = preview;
  const what = kind === "rollback" ? `back to ${version.id}` : version.id;
  const lines = [
    `${style.bold(clusterName(spec.cluster))}  ${style.bold(what)}  ${style.dim(version.artifact)}`.trimEnd(),
  ];
  for (const [index, { regions, bakeMs }] of waves.entries()) {
    lines.push("", style.bold(`wave ${index + 1}`));
    for (const region of regions) lines.push(...regionLines(preview, region, now, look));
    if (bakeMs > 0) lines.push(`  then ${timeText(bakeMs)} of bake time, in which these regions are still watched`);
  }
  return [...lines, "", ...wrapped(summary(preview), look.columns)];
}

function regionLines(preview: Preview, region: RegionPreview, now: number, look: PreviewLook): string[] {
  const { style } = look;
  const facts: readonly Fact[] =
    region.kind === "impossible" ? [["cannot", region.reason, style.red]] : factsOf(preview, region, style);
  const shut: readonly Fact[] =
    region.shut === undefined ? [] : [["shut", shutText(region.shut.until, now), style.yellow]];
  const steps = region.kind === "possible" ? stepLines(region.steps, style) : [];
  return [
    `  ${style.bold(region.region)}`,
    ...[...facts, ...shut].flatMap((fact) => factLines(fact, look)),
    ...steps.map((line) => `    ${line}`),
  ];
}

function factsOf({ spec, version, kind }: Preview, region: PossibleRegion, style: Style): readonly Fact[] {
  const { source, others, target, capacity, canary } = region.task;
  const { alarms, deletes, withoutCanary } = region;
  const made = target.found === undefined ? `a new group of ${version.id}` : `kept since, of ${version.id}`;
  const named = (group: string, of: { readonly id: string } | undefined) => `${group} (${of?.id ?? "no version"})`;
  const replaced = [...(source === undefined ? [] : [source]), ...others];
  return [
    [
      "from",
      source === undefined
        ? "nothing: it is the first"
        : `${named(source.group, source.version)}, ${sizeText(source.size)}`,
    ],
    ...others.map((other): Fact => ["and", `${named(other.group, other.version)}, ${sizeText(other.size)}`]),
    ["to", `${target.group}, ${made}, ${sizeText(capacity)}`],
    ...(canary === undefined
      ? []
      : [["canary", `${canary.canary} against ${canary.baseline}, made of ${canary.version.id}`] as const]),
    ...(withoutCanary === undefined || kind === "rollback"
      ? []
      : [["canary", `none: ${withoutCanary}`, style.yellow] as const]),
    ...replaced
      .filter(({ group }) => !deletes.includes(group))
      .map(({ group }): Fact => ["keeps", `${group}, ${keptText(spec.strategy.type, spec.strategy.scaleDown)}`]),
    ...(deletes.length === 0 ? [] : [["deletes", deletes.join(", ")] as const]),
    ...(alarms.length === 0
      ? []
      : [["alarm", `${alarms.join(", ")} in ALARM: it would be undone at once`, style.red] as const]),
  ];
}

function keptText(type: Preview["spec"]["strategy"]["type"], isScaledDown: boolean): string {
  if (type === "none") return "which goes on serving beside it";
  return isScaledDown ? "without instances, to go back to" : "at its size and without traffic, to go back to";
}

const instancesText = (count: number): string => `${count} instance${count === 1 ? "" : "s"}`;

const sizeText = ({ min, desired, max }: Capacity): string => `${instancesText(desired)} (${min} to ${max})`;

const shutText = (until: number | undefined, now: number): string =>
  until === undefined
    ? "for ever: see the spec's windows"
    : `until ${new Date(until).toISOString().slice(0, 16)}Z, which is in ${timeText(until - now)}`;

function factLines([name, text, paint = (line) => line]: Fact, { style, columns }: PreviewLook): string[] {
  const indent = 4 + factWidth;
  return wrapped(text, columns - indent).map(
    (line, index) => `    ${style.dim((index === 0 ? name : "").padEnd(factWidth))}${paint(line)}`,
  );
}

function stepLines(steps: readonly StepPreview[], style: Style): string[] {
  return inColumns(
    steps.map(({ text, instances, wait }, index) => [
      style.dim(`${index + 1}`.padStart(2)),
      text,
      instances === undefined ? "" : instancesText(instances),
      wait === undefined ? "" : waitText(wait),
    ]),
  );
}

function waitText(wait: NonNullable<StepPreview["wait"]>): string {
  switch (wait.kind) {
    case "time":
      return `then ${timeText(wait.ms)}`;
    case "promote":
      return "then until `trysail rollout promote`";
    case "judgements":
      return `${wait.count} judgement${wait.count === 1 ? "" : "s"} in ${timeText(wait.ms)}`;
  }
}

function summary({ waves, waitsMs, promotions }: Preview): string {
  const impossible = waves.flatMap(({ regions }) => regions).filter(({ kind }) => kind === "impossible");
  if (impossible.length > 0)
    return `It would end in ${impossible.map(({ region }) => region).join(", ")}, and nothing would be changed there.`;
  const waits = waitsMs === 0 ? "It waits for nothing" : `It waits ${timeText(waitsMs)} in all`;
  const asked = promotions === 0 ? "" : `, and ${promotions} time${promotions === 1 ? "" : "s"} for a person`;
  return `${waits}${asked}, besides what instances take to start and to end.`;
}
