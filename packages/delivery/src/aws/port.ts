import { paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { TrysailError, type Millis } from "@trysail/core";
import type { Fleet } from "../fleet/model.ts";
import type { Action } from "../plan/model.ts";
import { clusterName, type ClusterName } from "../server-groups/name.ts";
import type { RegionPort } from "../run/port.ts";
import { autoScalingCompute } from "./auto-scaling/groups.ts";
import type { RegionClients } from "./clients.ts";
import { ecsCompute } from "./ecs/services.ts";
import { notApplied, unreachable } from "./failures.ts";
import { newestOf, seriesOf } from "./metrics.ts";
import type { Compute, ComputeGroup, Others, TrafficControl } from "./model.ts";
import { placeholdersOf } from "./placeholders.ts";
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
  const traffic = trafficOf(clients, name, fleet, now);
  /** As they were last seen; undefined before. */
  let known: ReadonlyMap<string, ComputeGroup> | undefined;
  /** Those that were changed since. */
  const stale = new Set<string>();

  async function look(): Promise<readonly ComputeGroup[]> {
    const groups = await compute.observe(now());
    known = new Map(groups.map((group) => [group.name, group]));
    stale.clear();
    return groups;
  }

  /** @param isMissed - whether one that was not seen may be there meanwhile */
  async function group(wanted: string, isMissed: boolean): Promise<ComputeGroup | undefined> {
    if (known === undefined || stale.has(wanted) || (isMissed && !known.has(wanted))) await look();
    return known?.get(wanted);
  }

  const othersOf = (wanted: string): Others => {
    const without = (groups: readonly ComputeGroup[]) => groups.filter((one) => one.name !== wanted);
    return { seen: without([...(known?.values() ?? [])]), look: async () => without(await look()) };
  };

  async function change(action: Action): Promise<void> {
    const others = () => othersOf(action.group);
    const found = await group(action.group, action.kind !== "create");
    if (action.kind === "create") {
      if (found?.isDeleting === true)
        throw new TrysailError("still-deleting", `An earlier ${action.group} is still being deleted.`);
      if (found !== undefined) return;
      return compute.create(action, await traffic.prepare(action.group, action.isServing, others()));
    }
    if (found === undefined) {
      // What is left of one that somebody else has deleted.
      if (action.kind === "delete") await traffic.forget(action.group, others());
      return;
    }
    switch (action.kind) {
      case "resize":
        await traffic.resizing(found, action.size, others());
        return compute.resize(found, action.size);
      case "serve":
        return traffic.serve(found, action, others());
      case "promote":
      case "demote":
        return compute.mark(found, action.kind === "promote");
      case "delete":
        return remove(found, others());
    }
  }

  async function remove(found: ComputeGroup, others: Others): Promise<void> {
    if (traffic.isDrainedByEmptying && found.instances.length > 0) {
      if (found.size.max > 0) await compute.resize(found, { min: 0, desired: 0, max: 0 });
      return;
    }
    if (traffic.isDrainedByEmptying && !found.isDeleting) await compute.detach(found);
    // The group itself goes last: as long as it is seen, what an interruption has left of it is removed.
    await traffic.forget(found.name, others);
    await compute.remove(found);
  }

  const placeholders = placeholdersOf(clients, name, (serverGroup) =>
    group(serverGroup, true).then(traffic.measuredBy),
  );

  return {
    region: clients.region,
    async observe() {
      const at = now();
      try {
        const [groups, firing] = await Promise.all([look().then(traffic.observe), firingOf(clients, alarms)]);
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
      } finally {
        stale.add(action.group);
      }
    },
    series: async (query, serverGroup, window) =>
      seriesOf(clients.cloudWatch, query, await placeholders(serverGroup), window),
    measure: async (query, serverGroup, at) => newestOf(clients.cloudWatch, query, await placeholders(serverGroup), at),
  };
}

function computeOf(clients: RegionClients, cluster: string, { compute, traffic }: Fleet, rollout: string): Compute {
  switch (compute.kind) {
    case "auto-scaling":
      return autoScalingCompute({ clients, cluster, fleet: compute, rollout, isBalanced: traffic !== undefined });
    case "ecs":
      return ecsCompute({ clients, cluster, fleet: compute, rollout });
  }
}

function trafficOf(clients: RegionClients, cluster: string, { traffic }: Fleet, now: () => Millis): TrafficControl {
  switch (traffic?.kind) {
    case undefined:
      return noTrafficControl;
    case "attachment":
      return attachment(clients, traffic.targetGroups);
    case "weight":
      return weight(clients, cluster, traffic, now);
  }
}

/** AWS's limit on a call. */
const mostAlarmNames = 100;

/** Those that are in ALARM. One that is not there says nothing. */
async function firingOf({ cloudWatch }: RegionClients, names: readonly string[]): Promise<readonly string[]> {
  const firing: string[] = [];
  for (let from = 0; from < names.length; from += mostAlarmNames) {
    const input = {
      AlarmNames: names.slice(from, from + mostAlarmNames),
      StateValue: "ALARM" as const,
      AlarmTypes: ["MetricAlarm" as const, "CompositeAlarm" as const],
    };
    for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms(
      { client: cloudWatch, pageSize: mostAlarmNames },
      input,
    ))
      firing.push(...[...MetricAlarms, ...CompositeAlarms].flatMap(({ AlarmName }) => AlarmName ?? []));
  }
  return firing;
}
