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

/**
 * An event as a line: when, where, what, and the plain values of its detail.
 *
 * @param columns - what the line is cut to, on a screen
 */
export function eventLine(event: ToldEvent, style: Pick<Style, "bold" | "dim">, columns?: number): string {
  const { time, region, source, detail } = event;
  const values = Object.entries(detail).flatMap(([name, value]) =>
    typeof value === "object" || value === ""
      ? []
      : [`${name}=${typeof value === "string" ? value : JSON.stringify(value)}`],
  );
  const text = [
    style.dim(new Date(time).toTimeString().slice(0, 8)),
    region,
    source,
    style.bold(event["detail-type"]),
    ...values,
  ].join(" ");
  return columns === undefined ? text : cut(text, columns);
}
