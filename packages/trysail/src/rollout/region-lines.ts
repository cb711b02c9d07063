import { contextOf, judgementWindows, regionText, stepsOf, stepText } from "@trysail/delivery";
import type { Analysis, RegionState, Rollout, RunningRegion, Score, Watch } from "@trysail/delivery";
import { durationText } from "../terminal/duration.ts";
import { wrapped, wrappedParts } from "../terminal/wrap.ts";
import type { Detail, Look } from "./render.ts";

/** A region in one line: how far it is. */
export function regionHead(
  rollout: Rollout,
  region: string,
  state: RegionState,
  now: number,
  { style, signs }: Look,
): string {
  const text = regionText(contextOf(rollout, region), state);
  const name = style.bold(region);
  const after = (at: number) => style.dim(`after ${durationText(at - rollout.createdAt)}`);
  switch (state.phase) {
    case "pending":
      return `${style.dim(signs.pending)} ${region}`;
    case "running": {
      const steps = stepsOf(rollout.spec, region, rollout.kind).length;
      const since = style.dim(`step ${state.step + 1} of ${steps}, for ${durationText(now - state.since)}`);
      return `${style.blue(signs.running)} ${name}  ${text}  ${since}`;
    }
    case "succeeded":
      return `${style.green(signs.done)} ${name}  ${text}  ${after(state.at)}`;
    case "undoing":
      return `${style.yellow(signs.undoing)} ${name}  being undone  ${style.dim(`for ${durationText(now - state.since)}`)}`;
    case "undone":
      return `${style.yellow(signs.undone)} ${name}  undone  ${after(state.at)}`;
    case "halted":
      return `${style.red(signs.failed)} ${name}  halted  ${after(state.at)}`;
  }
}

interface NoteLook extends Look {
  readonly indent: string;
  readonly detail: Detail;
}

/** What is known of a region besides: its steps, how the new version behaves, why it is undone and what is left. */
export function regionNotes(rollout: Rollout, region: string, state: RegionState, look: NoteLook): string[] {
  switch (state.phase) {
    case "pending":
      return [];
    case "running":
      return look.detail === "least"
        ? []
        : [...stepLines(rollout, region, state, look), ...watchLines(rollout, state.watch, look)];
    case "succeeded":
      return look.detail === "all" ? watchLines(rollout, state.watch, look) : [];
    case "undoing":
    case "undone":
    case "halted":
      return failureLines(rollout, region, state, look);
  }
}

/** All steps of a region, with a sign for what is done. */
function stepLines(rollout: Rollout, region: string, state: RunningRegion, look: NoteLook): string[] {
  const { style, signs, indent, columns } = look;
  const parts = stepsOf(rollout.spec, region, rollout.kind).map((step, index) => {
    const text = stepText(step);
    if (index < state.step) return style.dim(`${signs.done} ${text}`);
    return index === state.step ? `${style.blue(signs.running)} ${style.bold(text)}` : `${signs.pending} ${text}`;
  });
  return wrappedParts(parts, columns - indent.length).map((line) => indent + line);
}

function watchLines(rollout: Rollout, { scores, analysis, losses }: Watch, look: NoteLook): string[] {
  const { style, detail } = look;
  const told = detail === "all" ? scores.slice(-3) : scores.slice(-1);
  const lost =
    losses.lost === 0
      ? []
      : noted(
          `${losses.lost} of the new version's instances lost; more than ${rollout.spec.guards.lostInstances} undo it (${losses.reasons.join("; ")})`,
          look,
          style.yellow,
        );
  return [
    ...told.flatMap((score) => scoreLines(rollout, score, scores.indexOf(score) + 1, look)),
    ...analysisLines(analysis, look),
    ...lost,
  ];
}

function scoreLines({ id, spec }: Rollout, { score, reason }: Score, number: number, look: NoteLook): string[] {
  const { style } = look;
  if (spec.canary === undefined) return [];
  const { lifetimeMs, intervalMs, config } = spec.canary;
  const { pass, marginal } = config.thresholds;
  const all = judgementWindows({ startedAt: 0, lifetimeMs, intervalMs, thresholds: config.thresholds }).length;
  const paint = score >= pass ? style.green : score > marginal ? style.yellow : style.red;
  const lines = noted(`canary ${number} of ${all}: ${formatted(score)} of 100. ${reason}`, look, (text) => text);
  const [first = "", ...rest] = lines;
  const hint = score >= pass ? [] : noted(`See why: trysail rollout report ${id}`, look, style.dim);
  return [first.replace(/: [\d.]+ of 100/, (text) => paint(text)), ...rest, ...hint];
}

const formatted = (value: number): string => String(Number(value.toPrecision(4)));

function analysisLines(analysis: Analysis | undefined, look: NoteLook): string[] {
  const { style } = look;
  return (analysis?.metrics ?? []).flatMap(({ name, phase, count, failed, errors, measurements, reason }) => {
    if (count + errors === 0) return noted(`analysis ${name}: nothing is measured yet`, look, style.dim);
    const newest = measurements.at(-1)?.value;
    const text = [
      `analysis ${name}: ${newest === undefined || newest === null ? "no value" : formatted(newest)}`,
      `${count} measured`,
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(errors > 0 ? [`${errors} errors`] : []),
      ...(reason === undefined ? [] : [reason]),
    ].join(", ");
    const isBad = phase === "Failed" || phase === "Error";
    return noted(text, look, isBad ? style.red : failed + errors > 0 ? style.yellow : (line) => line);
  });
}

function failureLines(
  rollout: Rollout,
  region: string,
  state: RegionState & { readonly phase: "undoing" | "undone" | "halted" },
  look: NoteLook,
): string[] {
  const { style } = look;
  const whole = rollout.reason ?? "";
  // The region that made all fail is named in the reason of the whole, which stands above.
  const isTold = whole === state.reason || whole === `${region}: ${state.reason}` || whole.endsWith(state.reason);
  const left = "left" in state ? state.left : undefined;
  return [
    ...(isTold ? [] : noted(`why: ${state.reason}`, look, style.red)),
    ...(left === undefined ? [] : noted(`left: ${left}`, look, style.yellow)),
  ];
}

const noted = (text: string, { indent, columns }: NoteLook, paint: (text: string) => string): string[] =>
  wrapped(text, columns - indent.length).map((line) => indent + paint(line));
