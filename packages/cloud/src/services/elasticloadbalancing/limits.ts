/**
 * Quotas of an account that has not asked for more, under the names that DescribeAccountLimits tells.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
export const limits = {
  "target-groups": 3000,
  "targets-per-application-load-balancer": 1000,
  "listeners-per-application-load-balancer": 50,
  "application-load-balancers": 50,
  "rules-per-application-load-balancer": 100,
  "certificates-per-application-load-balancer": 25,
  "target-groups-per-application-load-balancer": 100,
  "target-groups-per-action-on-application-load-balancer": 5,
  "condition-values-per-alb-rule": 5,
  "condition-wildcards-per-alb-rule": 6,
  "target-id-registrations-per-application-load-balancer": 1000,
} as const;

/** A resource has at most so many tags. */
export const maxTags = 50;
