import { paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { DescribeTargetGroupsCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { TrysailError, type Millis } from "@trysail/core";
import type { Fleet } from "../fleet/model.ts";
import type { Action } from "../plan/model.ts";
import { clusterName, type ClusterName } from "../server-groups/name.ts";
import type { RegionPort } from "../run/port.ts";
import { autoScalingCompute } from "./auto-scaling/groups.ts";
import type { RegionClients } from "./clients.ts";
import { notApplied, unreachable } from "./failures.ts";
import { newestOf, seriesOf, type Placeholders } from "./metrics.ts";
import type { Compute, ComputeGroup, TrafficControl } from "./model.ts";
import { attachment } from "./traffic/attachment.ts";
import { noTrafficControl } from "./traffic/none.ts";
import { weight } from "./traffic/weight.ts";

export interface PortDeps {
  readonly clients: RegionClients;
  readonly cluster: ClusterName;
  readonly fleet: Fleet;
  /** The rollout's id. */
  readonly rollout: string;
  /** Of CloudWatch, whose ALARM undoes a rollout. */
  readonly alarms: readonly string[];
  readonly now: () => Millis;
}

/** One region of AWS, as a rollout sees and changes it. */
export function regionPort({ clients, cluster, fleet, rollout, alarms, now }: PortDeps): RegionPort {
  const name = clusterName(cluster);
  const compute = computeOf(clients, name, fleet, rollout);
  const traffic = trafficOf(clients, fleet);
  /** As they were last seen: an action is about one of them. */
  let known = new Map<string, ComputeGroup>();

  async function look() {
    const groups = await compute.observe(now());
    known = new Map(groups.map((group) => [group.name, group]));
    return traffic.observe(groups);
  }

  async function group(wanted: string): Promise<ComputeGroup | undefined> {
    if (!known.has(wanted)) known = new Map((await compute.observe(now())).map((one) => [one.name, one]));
    return known.get(wanted);
  }

  async function change(action: Action): Promise<void> {
    if (action.kind === "create") {
      await compute.create(action, await traffic.prepare(action.group, action.isServing));
      known.delete(action.group);
      return;
    }
    const found = await group(action.group);
    if (found === undefined) {
      // What is left of one that was deleted, when that was interrupted.
      if (action.kind === "delete") await traffic.forget(action.group);
      return;
    }
    switch (action.kind) {
      case "resize":
        return compute.resize(found, action.size);
      case "serve":
        return traffic.serve(found, action);
      case "promote":
      case "demote":
        return compute.mark(found, action.kind === "promote");
      case "delete":
        return remove(found);
    }
  }

  async function remove(found: ComputeGroup): Promise<void> {
    if (traffic.isDrainedByEmptying && found.instances.length > 0) {
      if (found.size.max > 0) await compute.resize(found, { min: 0, desired: 0, max: 0 });
      return;
    }
    await compute.remove(found);
    await traffic.forget(found.name);
  }

  const loadBalancers = new Map<string, Promise<string>>();

  async function placeholders(serverGroup: string): Promise<Placeholders> {
    const [targetGroup = ""] = (await group(serverGroup))?.targetGroups ?? [];
    let loadBalancer = loadBalancers.get(targetGroup);
    if (loadBalancer === undefined) {
      loadBalancer = targetGroup === "" ? Promise.resolve("") : loadBalancerOf(clients, targetGroup);
      loadBalancers.set(targetGroup, loadBalancer);
    }
    return {
      serverGroup,
      cluster: name,
      region: clients.region,
      targetGroup: dimensionOf(targetGroup),
      loadBalancer: await loadBalancer,
    };
  }

  return {
    region: clients.region,
    async observe() {
      const at = now();
      try {
        const [groups, firing] = await Promise.all([look(), firingOf(clients, alarms)]);
        const kind = fleet.traffic?.kind ?? "none";
        return { kind: "seen", at, traffic: kind, capacity: fleet.capacity, groups, alarms: firing };
      } catch (error) {
        return unreachable(error, at);
      }
    },
    async apply(action) {
      try {
        await change(action);
        return { kind: "done" };
      } catch (error) {
        return notApplied(error);
      }
    },
    series: async (query, serverGroup, window) =>
      seriesOf(clients.cloudWatch, query, await placeholders(serverGroup), window),
    measure: async (query, serverGroup, at) => newestOf(clients.cloudWatch, query, await placeholders(serverGroup), at),
  };
}

function computeOf(clients: RegionClients, cluster: string, { compute }: Fleet, rollout: string): Compute {
  if (compute.kind === "auto-scaling") return autoScalingCompute(clients, cluster, compute, rollout);
  throw new TrysailError("not-implemented", "ECS");
}

function trafficOf(clients: RegionClients, { traffic }: Fleet): TrafficControl {
  switch (traffic?.kind) {
    case undefined:
      return noTrafficControl;
    case "attachment":
      return attachment(clients, traffic.targetGroups);
    case "weight":
      return weight(clients, traffic);
  }
}

/** As CloudWatch's dimensions have it: `targetgroup/name/id`, `app/name/id`. */
const dimensionOf = (arn: string): string => arn.slice(arn.lastIndexOf(":") + 1).replace(/^loadbalancer\//, "");

async function loadBalancerOf({ loadBalancing }: RegionClients, targetGroup: string): Promise<string> {
  const { TargetGroups: [found] = [] } = await loadBalancing.send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroup] }),
  );
  return dimensionOf(found?.LoadBalancerArns?.[0] ?? "");
}

/** Those that are in ALARM. One that is not there says nothing. */
async function firingOf({ cloudWatch }: RegionClients, names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const firing: string[] = [];
  const input = {
    AlarmNames: [...names],
    StateValue: "ALARM" as const,
    AlarmTypes: ["MetricAlarm" as const, "CompositeAlarm" as const],
  };
  for await (const page of paginateDescribeAlarms({ client: cloudWatch }, input))
    firing.push(
      ...[...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? [])].flatMap(({ AlarmName }) => AlarmName ?? []),
    );
  return firing;
}
