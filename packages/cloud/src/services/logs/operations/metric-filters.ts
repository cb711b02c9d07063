import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { faultOf } from "../metrics/metric-filter.ts";
import type { MetricFilter } from "../metrics/metric-filter.ts";
import { readPattern } from "./filter-log-events.ts";
import type { Sdk } from "../sdk.ts";
import { findGroup, tables } from "../store.ts";

const mostInGroup = 100;

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html */
export const putMetricFilter: Handler<Sdk, "putMetricFilter"> = (ctx, input) => {
  const { logGroupName, filterName: name, filterPattern: pattern, metricTransformations } = input;
  const { name: group } = findGroup(ctx, logGroupName);
  if (!/^[^:*]{1,512}$/.test(name)) {
    throw errors.InvalidParameterException(
      `1 validation error detected: Value '${name}' at 'filterName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*`,
    );
  }
  readPattern(pattern);
  const [given, ...more] = metricTransformations;
  if (given === undefined || more.length > 0) {
    throw errors.InvalidParameterException(
      "1 validation error detected: Value at 'metricTransformations' failed to satisfy constraint: Member must have length 1",
    );
  }
  const fault = faultOf(given);
  if (fault !== undefined) throw errors.InvalidParameterException(fault);
  if (input.applyOnTransformedLogs === true)
    throw errors.InvalidParameterException("Trysail has no log transformers: leave out applyOnTransformedLogs.");
  const filters = ctx.table(tables.metricFilters);
  const known = filters.get([group, name]);
  if (known === undefined && [...filters.keys({ prefix: [group] })].length >= mostInGroup)
    throw errors.LimitExceededException("Resource limit exceeded.");
  filters.put([group, name], {
    group,
    name,
    pattern,
    createdAt: known?.createdAt ?? ctx.now,
    transformation: {
      metricName: given.metricName ?? "",
      metricNamespace: given.metricNamespace ?? "",
      metricValue: given.metricValue ?? "",
      defaultValue: given.defaultValue,
      dimensions: given.dimensions ?? {},
      unit: given.unit ?? "None",
    },
  });
  return {};
};

const describe = ({ group, name, pattern, createdAt, transformation }: MetricFilter) => ({
  filterName: name,
  filterPattern: pattern,
  logGroupName: group,
  creationTime: createdAt,
  metricTransformations: [
    {
      ...transformation,
      dimensions: Object.keys(transformation.dimensions).length > 0 ? { ...transformation.dimensions } : undefined,
    },
  ],
});

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html */
export const describeMetricFilters: Handler<Sdk, "describeMetricFilters"> = (ctx, input) => {
  const { logGroupName, filterNamePrefix = "", metricName, metricNamespace, limit = 50 } = input;
  if ((metricName === undefined) !== (metricNamespace === undefined))
    throw errors.InvalidParameterException("metricName and metricNamespace must be given together.");
  if (logGroupName !== undefined) findGroup(ctx, logGroupName);
  const filters = ctx.table(tables.metricFilters);
  function* entriesAfter(options: { readonly after?: [string, string] }): Generator<[[string, string], MetricFilter]> {
    for (const [key, filter] of filters.entries({
      ...options,
      ...(logGroupName !== undefined && { prefix: [logGroupName] }),
    })) {
      const { transformation: of } = filter;
      const isOfMetric =
        metricName === undefined || (of.metricName === metricName && of.metricNamespace === metricNamespace);
      if (isOfMetric && filter.name.startsWith(filterNamePrefix)) yield [key, filter];
    }
  }
  const { items, next } = pageOf(entriesAfter, input.nextToken, limit, errors.InvalidParameterException);
  return { metricFilters: items.map(describe), nextToken: next };
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteMetricFilter.html */
export const deleteMetricFilter: Handler<Sdk, "deleteMetricFilter"> = (ctx, input) => {
  const { name: group } = findGroup(ctx, input.logGroupName);
  const filters = ctx.table(tables.metricFilters);
  if (!filters.has([group, input.filterName]))
    throw errors.ResourceNotFoundException("The specified metric filter does not exist.");
  filters.delete([group, input.filterName]);
  return {};
};
