import type { Rollout } from "@trysail/delivery";
import { liveBlock } from "../terminal/live-block.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { changeLines } from "./changes.ts";
import type { Rollouts } from "./connect-rollouts.ts";
import { followRollout } from "./follow-rollout.ts";
import { rolloutLines } from "./render.ts";
import { waitingOf } from "./shown.ts";
import type { ShownRollout } from "./shown.ts";
import { signsFor } from "./signs.ts";

export interface ShowRolloutOptions {
  /** Each change as a line of JSON. @defaultValue false */
  readonly isJson?: boolean;
  readonly signal?: AbortSignal;
}

/** Shows a rollout until it is over. */
export async function showRollout(
  terminal: Terminal,
  rollouts: Rollouts,
  id: string,
  { isJson = false, signal }: ShowRolloutOptions,
): Promise<Rollout> {
  const block = liveBlock(terminal);
  const signs = signsFor(process.env);
  const { style } = terminal;
  let last: ShownRollout | undefined;
  let told = "";
  const draw = (shown: ShownRollout, rows: number | undefined) =>
    block.draw(rolloutLines(shown, Date.now(), { style, signs, columns: terminal.columns, rows }));
  try {
    for await (const shown of followRollout(rollouts, id, { signal, now: Date.now })) {
      if (isJson) {
        const text = jsonText(shown);
        if (text !== told) terminal.line(text);
        told = text;
      } else if (terminal.isLive) {
        // The screen's last row is the cursor's.
        draw(shown, terminal.rows - 1);
      } else {
        for (const line of changeLines(last, shown, Date.now())) terminal.line(line);
      }
      last = shown;
    }
    // What stays on the screen is whole, however long it is: it is not drawn again.
    if (last !== undefined && terminal.isLive && !isJson) draw(last, undefined);
  } finally {
    block.end();
  }
  if (last === undefined) throw new Error("a rollout was followed, and not seen once");
  return last.stored.rollout;
}

function jsonText(shown: ShownRollout): string {
  const { stored, view, trouble } = shown;
  const { rollout, calls } = stored;
  return JSON.stringify({
    rollout,
    calls,
    waiting: waitingOf(shown, Date.now()),
    groups: view?.regions ?? {},
    trouble,
  });
}
