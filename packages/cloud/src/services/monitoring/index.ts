import { defineService } from "../../kernel/service.ts";
import * as dashboards from "./operations/dashboards.ts";
import { getMetricData } from "./operations/get-metric-data.ts";
import { getMetricStatistics } from "./operations/get-metric-statistics.ts";
import { listMetrics } from "./operations/list-metrics.ts";
import { putMetricData } from "./operations/put-metric-data.ts";
import { dashboard } from "./resources/dashboard.ts";
import type { Sdk } from "./sdk.ts";
import { ageing, compacting } from "./series/compacting.ts";
import { keepMeasurements } from "./series/keep.ts";
import { tables } from "./store.ts";

/** CloudWatch: metrics and alarms. */
export const monitoring = defineService<Sdk>({
  id: "monitoring",
  scope: "regional",
  tables,
  operations: {
    ...dashboards,
    getMetricData,
    getMetricStatistics,
    listMetrics,
    putMetricData,
  },
  controllers: [ageing, compacting],
  resources: { "AWS::CloudWatch::Dashboard": dashboard },
  measured: keepMeasurements,
});
