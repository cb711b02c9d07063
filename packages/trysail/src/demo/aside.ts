import { liveBlock } from "../terminal/live-block.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** How many lines of a program's output are in sight while it runs. */
const linesInSight = 8;

/**
 * Shows what a program says beside the story. On a screen the last lines only, and none once it has succeeded: all of
 * them where it fails.
 */
export async function aside<T>(terminal: Terminal, run: (onLine: (line: string) => void) => Promise<T>): Promise<T> {
  const shown = (line: string) => (line === "" ? "" : terminal.style.dim(`    ${line}`));
  if (!terminal.isLive) return run((line) => terminal.line(shown(line)));
  const block = liveBlock(terminal);
  const said: string[] = [];
  try {
    const result = await run((line) => {
      said.push(line);
      block.draw(said.slice(-linesInSight).map(shown));
    });
    block.erase();
    return result;
  } catch (error) {
    block.erase();
    for (const line of said) terminal.line(shown(line));
    throw error;
  }
}
