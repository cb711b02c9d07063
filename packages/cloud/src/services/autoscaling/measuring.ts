import type { Context } from "../../kernel/context.ts";
import type { Measurement } from "../../kernel/measurement.ts";
import type { Controller } from "../../kernel/service.ts";
import type { Group } from "./model/group.ts";
import { isTerminating } from "./model/instance.ts";
import type { GroupInstance } from "./model/instance.ts";
import { instancesOf, lookUpGroup, tables } from "./store.ts";

/** AWS measures groups each minute. Here each change is measured as well. */
const everyMs = 60_000;

/**
 * A group's metrics, of which it tells those that are enabled. No instance weighs more than another, so that capacities
 * are counts of instances.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html
 */
export function groupMeasurements(
  group: Pick<Group, "name" | "min" | "max" | "desired" | "metrics">,
  instances: readonly Pick<GroupInstance, "lifecycle">[],
): readonly Measurement[] {
  const counts = {
    InService: instances.filter(({ lifecycle }) => lifecycle === "InService").length,
    Pending: instances.filter(({ lifecycle }) => lifecycle.startsWith("Pending")).length,
    Standby: instances.filter(({ lifecycle }) => lifecycle === "Standby").length,
    Terminating: instances.filter((instance) => isTerminating(instance)).length,
    Total: instances.length,
  };
  const values: Readonly<Record<string, number>> = {
    GroupMinSize: group.min,
    GroupMaxSize: group.max,
    GroupDesiredCapacity: group.desired,
    ...Object.fromEntries(
      Object.entries(counts).flatMap(([state, count]) => [
        [`Group${state}Instances`, count],
        [`Group${state}Capacity`, count],
      ]),
    ),
  };
  return group.metrics.map((name) => ({
    namespace: "AWS/AutoScaling",
    name,
    unit: "None",
    series: [{ AutoScalingGroupName: group.name }],
    values: [values[name] ?? 0],
  }));
}

/** Measures groups that have it enabled. */
export const measuring: Controller = {
  name: "group-metrics",
  watches: [tables.groups, tables.instances],
  keyOf: ({ key }) => (Array.isArray(key) ? String(key[0]) : String(key)),
  reconcile(ctx: Context, name: string) {
    const group = lookUpGroup(ctx, name);
    if (group === undefined || group.metrics.length === 0) return Promise.resolve();
    for (const measurement of groupMeasurements(group, instancesOf(ctx, name))) ctx.measure(measurement);
    return Promise.resolve({ wakeAt: ctx.now + everyMs });
  },
};
