import type { Style } from "../terminal/terminal.ts";

/** A line of Trysail's own log for a person: time, what happened, and what belongs to it. */
export function ownLogLine(line: string, style: Style): string {
  let entry: Readonly<Record<string, unknown>>;
  try {
    entry = JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    // A crash may have torn it.
    return line;
  }
  const { time, level, message, ...fields } = entry;
  const told = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
  const text = String(message);
  const shown = level === "error" ? style.red(text) : level === "warn" ? style.yellow(text) : text;
  return [style.dim(String(time).slice(11, 23)), shown, style.dim(told.join(" "))]
    .filter((part) => part !== "")
    .join(" ");
}
