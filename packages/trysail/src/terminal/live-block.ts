import type { Terminal } from "./terminal.ts";

/** Lines at the bottom of a screen that are drawn again and again. */
export interface LiveBlock {
  draw(lines: readonly string[]): void;
  /** Leaves what was drawn last where it is. */
  end(): void;
  /** Takes what was drawn last away. */
  erase(): void;
}

const hideCursor = "\u001B[?25l";
const showCursor = "\u001B[?25h";
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const up = (lines: number) => `\u001B[${lines}A\r`;
const clearToEnd = "\u001B[J";

export function liveBlock(terminal: Terminal): LiveBlock {
  let height = 0;
  let shown = "";
  const restore = () => {
    if (height > 0) terminal.raw(showCursor);
  };
  // A signal that nobody handles ends the process without its exit being told.
  const interrupted = (signal: NodeJS.Signals) => {
    end();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const begin = () => {
    process.once("exit", restore);
    for (const signal of signals) process.on(signal, interrupted);
  };
  const end = () => {
    restore();
    process.off("exit", restore);
    for (const signal of signals) process.off(signal, interrupted);
    height = 0;
    shown = "";
  };
  return {
    end,
    erase() {
      if (height > 0) terminal.raw(`${up(height)}${clearToEnd}`);
      end();
    },
    draw(lines) {
      // A line that wraps would take more room than it is counted with.
      const text = lines.map((line) => cut(line, terminal.columns)).join("\n");
      if (text === shown) return;
      if (height === 0) begin();
      terminal.raw(`${hideCursor}${height === 0 ? "" : up(height)}${clearToEnd}${text}\n`);
      height = lines.length;
      shown = text;
    },
  };
}

/** The first columns of a line, colours kept. */
export function cut(line: string, columns: number): string {
  let width = 0;
  // oxlint-disable-next-line no-control-regex -- colours are control sequences
  return line.replace(/(\u001B\[\d+m)|([^\u001B])/gu, (part, colour: string | undefined) => {
    if (colour !== undefined) return part;
    width += 1;
    return width <= columns ? part : "";
  });
}
