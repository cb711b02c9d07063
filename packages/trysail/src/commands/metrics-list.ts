import { connect } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { dimensionsText, findSeries } from "../metrics/series.ts";
import { inColumns } from "../terminal/columns.ts";
import { processTerminal } from "../terminal/terminal.ts";

/** `trysail metrics list`: the series of all regions, or of one. */
export async function list(
  filter: string | undefined,
  options: { readonly data?: string; readonly region?: string; readonly json?: boolean },
): Promise<number> {
  const { line, note, style } = processTerminal();
  const { CloudWatchClient } = await import("@aws-sdk/client-cloudwatch");
  const { instance, configIn } = await connect(options.data);
  const regions = options.region === undefined ? instance.regions : [options.region];
  const found = await Promise.all(
    regions.map(async (region) => {
      const series = await findSeries(new CloudWatchClient(configIn(region)), {});
      return series.map((metric) => ({ region, metric, text: dimensionsText(metric) }));
    }),
  );
  const wanted = filter?.toLowerCase() ?? "";
  const shown = found
    .flat()
    .filter(({ metric: { Namespace, MetricName }, text }) =>
      `${Namespace} ${MetricName} ${text}`.toLowerCase().includes(wanted),
    );
  if (options.json === true) {
    line(JSON.stringify(shown.map(({ region, metric }) => ({ region, ...metric }))));
    return exitCodes.ok;
  }
  if (shown.length === 0)
    note(filter === undefined ? "Nothing has been measured yet." : `No metric has "${filter}" in its name.`);
  const rows = shown.map(({ region, metric, text }) => [
    metric.Namespace ?? "",
    style.bold(metric.MetricName ?? ""),
    region,
    text,
  ]);
  for (const row of inColumns(rows)) line(row);
  return exitCodes.ok;
}
