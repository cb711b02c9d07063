import type { Context } from "../../../kernel/context.ts";
import { parseFilterPattern } from "../pattern/filter-pattern.ts";
import { tables } from "../store.ts";
import { embeddedMetrics } from "./embedded.ts";
import { measure } from "./metric-filter.ts";
import type { LogLine } from "./metric-filter.ts";

/** Measures what lines that have just been kept tell: by the metric filters of their group, and by themselves. */
export function measureLines(ctx: Context, group: string, lines: readonly LogLine[]): void {
  for (const { message } of lines) for (const measurement of embeddedMetrics(message)) ctx.measure(measurement);
  for (const { pattern, transformation } of ctx.table(tables.metricFilters).values({ prefix: [group] }))
    for (const measurement of measure(transformation, parseFilterPattern(pattern), lines)) ctx.measure(measurement);
}
