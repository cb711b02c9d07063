import { dataFolderOf } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { runningInstance } from "../instance/instance.ts";
import { inColumns } from "../terminal/columns.ts";
import { durationText } from "../terminal/duration.ts";
import { processTerminal } from "../terminal/terminal.ts";

/** `trysail status` */
export async function status(options: { readonly data?: string; readonly json?: boolean }): Promise<number> {
  const { line, style } = processTerminal();
  const data = await dataFolderOf(options.data);
  const instance = await runningInstance(data);
  if (options.json === true) {
    const { endpoint, pid, startedAt, regions, version } = instance ?? {};
    line(JSON.stringify({ running: instance !== undefined, data, endpoint, pid, startedAt, regions, version }));
  } else if (instance === undefined) {
    line(`${style.yellow("Not running.")} Data: ${data}`);
  } else {
    const rows = [
      ["Endpoint", style.bold(instance.endpoint)],
      ["Data", data],
      ["Process", `${instance.pid}, for ${durationText(Date.now() - Date.parse(instance.startedAt))}`],
      ["Regions", instance.regions.join(", ")],
      ["Version", instance.version],
    ];
    for (const text of inColumns(rows)) line(text);
  }
  return instance === undefined ? exitCodes.notRunning : exitCodes.ok;
}
