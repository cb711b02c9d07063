import type { Controller } from "../../kernel/service.ts";
import type { StoredReport } from "./model.ts";
import { removeReport } from "./operations/reports.ts";
import { tables } from "./store.ts";

/** Removes reports when they expire, 30 days after they were made. */
export const reportExpiry: Controller<StoredReport> = {
  name: "report-expiry",
  watches: [tables.reports],
  keyOf: ({ value }) => value?.arn,
  async reconcile(ctx, arn) {
    const report = ctx.table(tables.reports).get(arn);
    if (report === undefined) return;
    const expiresAt = report.expired.getTime();
    if (ctx.now < expiresAt) return { wakeAt: expiresAt };
    ctx.transaction(() => removeReport(ctx, arn));
  },
};
