import type { JournalLine } from "@trysail/delivery";
import { cut } from "../terminal/live-block.ts";
import type { Style } from "../terminal/terminal.ts";

/**
 * What happened to a rollout, or a call that it made, as a line.
 *
 * @param columns - what the line is cut to, on a screen
 */
export function journalLine(entry: JournalLine, style: Pick<Style, "bold" | "dim" | "red">, columns?: number): string {
  const time = style.dim(new Date(entry.at).toISOString().slice(11, 23));
  const text =
    entry.kind === "event"
      ? [time, ...(entry.region === undefined ? [] : [entry.region]), style.bold(entry.text)].join(" ")
      : [
          time,
          entry.region,
          style.dim(entry.call),
          ...(entry.resource === undefined ? [] : [entry.resource]),
          entry.outcome === "ok" ? style.dim("ok") : style.red(entry.outcome),
          style.dim(`${Math.round(entry.ms)} ms`),
        ].join(" ");
  return columns === undefined ? text : cut(text, columns);
}
