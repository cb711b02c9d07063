import { defineService } from "../../kernel/service.ts";
import { alarmActions } from "./alarms/actions.ts";
import { compositeAlarms, metricAlarms } from "./alarms/watching.ts";
import * as alarms from "./operations/alarms.ts";
import * as dashboards from "./operations/dashboards.ts";
import * as describing from "./operations/describe-alarms.ts";
import { getMetricData } from "./operations/get-metric-data.ts";
import { getMetricStatistics } from "./operations/get-metric-statistics.ts";
import { listMetrics } from "./operations/list-metrics.ts";
import { putCompositeAlarm } from "./operations/put-composite-alarm.ts";
import { putMetricAlarm } from "./operations/put-metric-alarm.ts";
import { putMetricData } from "./operations/put-metric-data.ts";
import { compositeAlarm, metricAlarm } from "./resources/alarm.ts";
import { dashboard } from "./resources/dashboard.ts";
import { prometheus } from "./prometheus/route.ts";
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
    ...alarms,
    ...dashboards,
    ...describing,
    getMetricData,
    getMetricStatistics,
    listMetrics,
    putCompositeAlarm,
    putMetricAlarm,
    putMetricData,
  },
  controllers: [ageing, alarmActions, compacting, compositeAlarms, metricAlarms],
  resources: {
    "AWS::CloudWatch::Alarm": metricAlarm,
    "AWS::CloudWatch::CompositeAlarm": compositeAlarm,
    "AWS::CloudWatch::Dashboard": dashboard,
  },
  measured: keepMeasurements,
  routes: [prometheus],
});
