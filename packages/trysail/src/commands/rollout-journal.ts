import { isOver } from "@trysail/delivery";
import type { JournalLine } from "@trysail/delivery";
import { exitCodes } from "../exit-codes.ts";
import { connectRollouts } from "../rollout/connect-rollouts.ts";
import type { RolloutsOptions } from "../rollout/connect-rollouts.ts";
import { findRollout } from "../rollout/find-rollout.ts";
import { journalLine } from "../rollout/journal-line.ts";
import { processTerminal } from "../terminal/terminal.ts";
import { setTimeout as wait } from "node:timers/promises";

interface JournalOptions extends RolloutsOptions {
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** How often a journal that is followed is looked at. */
const lookMs = 1000;

/** `trysail rollout journal`: what happened, and each call that changed something or failed. */
export async function journal(name: string | undefined, options: JournalOptions): Promise<number> {
  const { line, note, style, isLive, columns } = processTerminal({ isQuiet: options.json === true });
  const { store } = await connectRollouts(options);
  const { id } = (await findRollout(store, name)).value.rollout;
  const tell = (entry: JournalLine) =>
    line(options.json === true ? JSON.stringify(entry) : journalLine(entry, style, isLive ? columns : undefined));
  for (let after: string | undefined, isFirst = true; ; isFirst = false) {
    // Looked at before the journal: what is told at the end is in it then.
    const found = await store.read(id);
    const { lines, last } = await store.journal(id, after);
    for (const entry of lines.toSorted((a, b) => a.at - b.at)) tell(entry);
    if (isFirst && lines.length === 0) note(`Nothing has happened in ${id} yet.`);
    const isEnded = found === undefined || (isOver(found.value.rollout) && found.value.outbox.length === 0);
    if (options.follow !== true || isEnded) return exitCodes.ok;
    after = last;
    await wait(lookMs);
  }
}
