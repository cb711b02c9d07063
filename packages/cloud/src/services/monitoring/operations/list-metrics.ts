import type { Metric } from "@aws-sdk/client-cloudwatch";
import { keyOf, tokenOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { listMetrics as list, listedForMs } from "../series/list.ts";
import { toDimensions } from "./dimensions.ts";

const pageSize = 500;
const recentMs = 3 * 3_600_000;

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html */
export const listMetrics: Handler<Sdk, "listMetrics"> = (ctx, input) => {
  const { Namespace, MetricName, Dimensions = [], RecentlyActive, NextToken, OwningAccount } = input;
  if (RecentlyActive !== undefined && RecentlyActive !== "PT3H")
    throw errors.InvalidParameterValue(
      `The value ${String(RecentlyActive)} for parameter RecentlyActive must be PT3H.`,
    );
  if (OwningAccount !== undefined && OwningAccount !== ctx.account)
    throw errors.InvalidParameterValue(`Trysail shows an account's own metrics only, not those of ${OwningAccount}.`);
  const from = keyOf<number>(NextToken, errors.InvalidNextToken) ?? 0;
  const metrics: Metric[] = [];
  let seen = 0;
  const found = list(ctx, {
    namespace: Namespace,
    name: MetricName,
    dimensions: Dimensions.map(({ Name = "", Value }) => ({ name: Name, value: Value })),
    since: ctx.now - (RecentlyActive === undefined ? listedForMs : recentMs),
  });
  for (const { namespace, name, dimensions } of found) {
    seen += 1;
    if (seen <= from) continue;
    if (metrics.length === pageSize) return { Metrics: metrics, NextToken: tokenOf(from + pageSize) };
    metrics.push({ Namespace: namespace, MetricName: name, Dimensions: toDimensions(dimensions) });
  }
  return { Metrics: metrics };
};
