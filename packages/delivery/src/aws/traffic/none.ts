import type { TrafficControl } from "../model.ts";

/** For what has no balancer: an instance serves as long as it is there. */
export const noTrafficControl: TrafficControl = {
  isDrainedByEmptying: true,
  observe: (groups) =>
    Promise.resolve(
      groups.map(({ instances, ...group }) => ({
        ...group,
        isServing: group.size.desired > 0 && !group.isDeleting,
        weight: undefined,
        instances: instances.map(({ id, lifecycle, isHealthy, reason }) => ({
          id,
          lifecycle,
          isRegistered: true,
          health: isHealthy
            ? ("healthy" as const)
            : lifecycle === "starting"
              ? ("starting" as const)
              : ("unhealthy" as const),
          reason,
        })),
      })),
    ),
  prepare: () => Promise.resolve([]),
  serve: () => Promise.resolve(),
  resizing: () => Promise.resolve(),
  forget: () => Promise.resolve(),
  measuredBy: () => undefined,
};
