import { DescribeTargetGroupsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { RegionClients } from "./clients.ts";
import type { MeasuredBy } from "./model.ts";

/** What stands in a query for what is known only when it is asked. */
export type Placeholders = Readonly<
  Record<"serverGroup" | "cluster" | "region" | "loadBalancer" | "targetGroup", string>
>;

/** What is in `${…}` and has no such name stays as it is. */
export const filled = (text: string, placeholders: Placeholders): string =>
  text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(placeholders, name) ? placeholders[name as keyof Placeholders] : whole,
  );

/** By a server group's name. What a balancer is called is asked once. */
export function placeholdersOf(
  { region, loadBalancing }: RegionClients,
  cluster: string,
  measuredBy: (serverGroup: string) => Promise<MeasuredBy | undefined>,
): (serverGroup: string) => Promise<Placeholders> {
  const balancers = new Map<string, string>();

  async function balancerOf(targetGroup: string | undefined, listener: string | undefined): Promise<string> {
    if (listener !== undefined) return balancerDimension(listener);
    if (targetGroup === undefined) return "";
    const before = balancers.get(targetGroup);
    if (before !== undefined) return before;
    const { TargetGroups: [found] = [] } = await loadBalancing.send(
      new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroup] }),
    );
    const balancer = balancerDimension(found?.LoadBalancerArns?.[0] ?? "");
    if (balancer !== "") balancers.set(targetGroup, balancer);
    return balancer;
  }

  return async (serverGroup) => {
    const { targetGroup, listener } = (await measuredBy(serverGroup)) ?? {};
    return {
      serverGroup,
      cluster,
      region,
      targetGroup: targetGroup === undefined ? "" : targetGroup.slice(targetGroup.lastIndexOf(":") + 1),
      loadBalancer: await balancerOf(targetGroup, listener),
    };
  };
}

/**
 * As CloudWatch's dimensions have it: `app/name/id`, of the ARN of a balancer, of its listener or of one of its rules.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export const balancerDimension = (arn: string): string =>
  /:(?:loadbalancer|listener|listener-rule)\/((?:app|net|gwy)\/[^/]+\/[^/]+)/.exec(arn)?.[1] ?? "";
