import { TrysailError } from "@trysail/core";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exitCodes } from "../exit-codes.ts";
import { connectRollouts } from "../rollout/connect-rollouts.ts";
import type { RolloutsOptions } from "../rollout/connect-rollouts.ts";
import { findRollout } from "../rollout/find-rollout.ts";
import { chooseReport, reportsOf } from "../rollout/reports.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface ReportOptions extends RolloutsOptions {
  /** The region of the canary: `--in`, since `--region` is the home of the rollouts. */
  readonly in?: string;
  readonly number?: number;
  readonly output?: string;
  readonly json?: boolean;
}

/** `trysail rollout report`: a judgement of a canary as a page of HTML, or as JSON. */
export async function report(name: string | undefined, options: ReportOptions): Promise<number> {
  const { line } = processTerminal({ isQuiet: options.json === true });
  const { store } = await connectRollouts(options);
  const { id } = (await findRollout(store, name)).value.rollout;
  const chosen = chooseReport(id, reportsOf(await store.reports(id)), { region: options.in, number: options.number });
  const text = await store.report(chosen.key, options.json === true ? "json" : "html");
  if (text === undefined) throw new TrysailError("report-not-found", `The report ${chosen.key} is gone.`);
  if (options.json === true) {
    line(JSON.stringify(JSON.parse(text)));
    return exitCodes.ok;
  }
  const file = resolve(options.output ?? `${id}-${chosen.region}-canary-${chosen.number}.html`);
  await writeFile(file, text);
  line(file);
  return exitCodes.ok;
}
