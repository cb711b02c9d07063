import { cut } from "../terminal/live-block.ts";
import type { Style } from "../terminal/terminal.ts";

/** An event as EventBridge writes it. */
export interface ToldEvent {
  readonly "detail-type": string;
  readonly source: string;
  readonly region: string;
  /** ISO, to the second. */
  readonly time: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Of a detail's name: what says nothing to a person. */
const isNoise = /(?:^version|-token|-attempt)$/;
const isTime = /^\d{4}-\d\d-\d\dT/;
const isState = /(?:^|-)(?:state|status)|Status$/;
const isId = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** An ARN without what is the same for all of its kind; anything else as it is. */
const shortened = (text: string) => text.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, "");

/** A value as people read it. Of an object only the state that it tells. @returns undefined for what is left out */
function shown(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" || isTime.test(value) ? undefined : shortened(value);
  if (typeof value !== "object") return JSON.stringify(value);
  if (value === null) return undefined;
  const { value: state, status } = value as { readonly value?: unknown; readonly status?: unknown };
  return [state, status].find((text) => typeof text === "string");
}

/** A detail's values: the state first, which a narrow screen must not cut off, and ids last. */
function valuesOf(detail: ToldEvent["detail"]): string[] {
  const values = Object.entries(detail).flatMap(([name, value]) => {
    const text = isNoise.test(name) ? undefined : shown(value);
    if (text === undefined) return [];
    const rank = isState.test(name) ? 0 : isId.test(text) ? 2 : 1;
    return [{ rank, text: `${name}=${text}` }];
  });
  return values.toSorted((a, b) => a.rank - b.rank).map(({ text }) => text);
}

/**
 * An event as a line: when, where, what, and what its detail says to a person.
 *
 * @param columns - what the line is cut to, on a screen
 */
export function eventLine(event: ToldEvent, style: Pick<Style, "bold" | "dim">, columns?: number): string {
  const { time, region, source, detail } = event;
  const text = [
    style.dim(new Date(time).toTimeString().slice(0, 8)),
    region,
    source,
    style.bold(event["detail-type"]),
    ...valuesOf(detail),
  ].join(" ");
  return columns === undefined ? text : cut(text, columns);
}
