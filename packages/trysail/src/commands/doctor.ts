import { dataFolderOf } from "../connection.ts";
import { allChecks } from "../doctor/checks.ts";
import type { CheckStatus } from "../doctor/checks.ts";
import { exitCodes } from "../exit-codes.ts";
import { processTerminal } from "../terminal/terminal.ts";
import type { Style } from "../terminal/terminal.ts";

/** `trysail doctor`: fails only if Trysail cannot work here. */
export async function doctor(options: { readonly data?: string; readonly json?: boolean }): Promise<number> {
  const { line, style } = processTerminal();
  const data = await dataFolderOf(options.data);
  const checks = await Promise.all(allChecks(data).map((check) => check()));
  const works = checks.every(({ status }) => status !== "missing");
  if (options.json === true) {
    line(JSON.stringify({ works, checks }));
  } else {
    for (const { name, status, found, advice } of checks) {
      line(`${mark(status, style)} ${style.bold(name)}: ${found}`);
      if (advice !== undefined) line(`    ${advice}`);
    }
    line();
    line(works ? style.green("Trysail works on this machine.") : style.red("Trysail lacks something that it needs."));
  }
  return works ? exitCodes.ok : exitCodes.failure;
}

function mark(status: CheckStatus, style: Style): string {
  switch (status) {
    case "ok":
      return style.green("✓");
    case "limited":
      return style.yellow("!");
    case "missing":
      return style.red("✗");
  }
}
