import { defineService } from "../../kernel/service.ts";
import { filterLogEvents, testMetricFilter } from "./operations/filter-log-events.ts";
import { getLogEvents } from "./operations/get-log-events.ts";
import {
  createLogGroup,
  deleteLogGroup,
  deleteRetentionPolicy,
  describeLogGroups,
  putLogGroupDeletionProtection,
  putRetentionPolicy,
} from "./operations/log-groups.ts";
import { createLogStream, deleteLogStream, describeLogStreams } from "./operations/log-streams.ts";
import { deleteMetricFilter, describeMetricFilters, putMetricFilter } from "./operations/metric-filters.ts";
import { putLogEvents } from "./operations/put-log-events.ts";
import {
  listTagsForResource,
  listTagsLogGroup,
  tagLogGroup,
  tagResource,
  untagLogGroup,
  untagResource,
} from "./operations/tags.ts";
import { logGroup } from "./resources/log-group.ts";
import { logStream } from "./resources/log-stream.ts";
import { metricFilter } from "./resources/metric-filter.ts";
import { retention } from "./retention.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

export const logs = defineService<Sdk>({
  id: "logs",
  scope: "regional",
  tables,
  operations: {
    createLogGroup,
    createLogStream,
    deleteLogGroup,
    deleteLogStream,
    deleteMetricFilter,
    deleteRetentionPolicy,
    describeLogGroups,
    describeLogStreams,
    describeMetricFilters,
    filterLogEvents,
    getLogEvents,
    listTagsForResource,
    listTagsLogGroup,
    putLogEvents,
    putLogGroupDeletionProtection,
    putMetricFilter,
    putRetentionPolicy,
    tagLogGroup,
    tagResource,
    testMetricFilter,
    untagLogGroup,
    untagResource,
  },
  controllers: [retention],
  resources: {
    "AWS::Logs::LogGroup": logGroup,
    "AWS::Logs::LogStream": logStream,
    "AWS::Logs::MetricFilter": metricFilter,
  },
});
