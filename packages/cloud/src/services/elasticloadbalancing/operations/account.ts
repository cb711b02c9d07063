import type { Handler } from "../../../kernel/service.ts";
import { limits } from "../limits.ts";
import { pageOfAll } from "../paging.ts";
import type { Sdk } from "../sdk.ts";
import { findSslPolicy, sslPolicies } from "../ssl-policies.ts";

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeAccountLimits.html */
export const describeAccountLimits: Handler<Sdk, "describeAccountLimits"> = (_, input) => {
  const all = Object.entries(limits).map(([Name, max]) => ({ Name, Max: String(max) }));
  const { items, NextMarker } = pageOfAll(all, input);
  return { Limits: items, NextMarker };
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeSSLPolicies.html */
export const describeSSLPolicies: Handler<Sdk, "describeSSLPolicies"> = (_, input) => {
  const { Names: names = [], LoadBalancerType: type } = input;
  const named = names.length > 0 ? names.map(findSslPolicy) : sslPolicies;
  const fitting = named.filter(
    ({ SupportedLoadBalancerTypes: types }) => type === undefined || types?.includes(type) === true,
  );
  const { items, NextMarker } = pageOfAll(fitting, input);
  return { SslPolicies: items, NextMarker };
};
