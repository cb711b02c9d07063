import type { Millis } from "@trysail/core";

/** A task of a service that has not been told to stop. */
export interface SeenTask {
  readonly id: string;
  readonly deployment: string;
  readonly zone: string;
  readonly createdAt: Millis;
  readonly health: "starting" | "healthy" | "unhealthy";
  /** Why it is stopped, where it is unhealthy. */
  readonly reason?: string;
  readonly isProtected: boolean;
}

/** What decides which tasks a service starts and stops. */
export interface SeenService {
  readonly desiredCount: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  readonly primary: {
    readonly id: string;
    readonly rollout: "IN_PROGRESS" | "COMPLETED" | "FAILED";
    /** No task is started before. */
    readonly nextStartAt: Millis;
  };
  readonly tasks: readonly SeenTask[];
  /** Tasks of other deployments that are stopping. */
  readonly draining: number;
}

export interface ServicePlan {
  /** How many tasks of the primary deployment to start. */
  readonly start: number;
  readonly stop: readonly { readonly task: string; readonly reason: string }[];
  /** Whether the service is as it should be: the primary deployment is complete. */
  readonly isSteady: boolean;
  /** Whether its percentages let it neither start nor stop a task that its deployment needs. */
  readonly isStuck: boolean;
}

/** How many tasks must stay healthy: rounded up, as AWS does. */
export function leastHealthy(desiredCount: number, minimumHealthyPercent: number): number {
  return Math.ceil((desiredCount * minimumHealthyPercent) / 100);
}

/** How many tasks there may be at once: rounded down, as AWS does. */
export function mostTasks(desiredCount: number, maximumPercent: number): number {
  return Math.floor((desiredCount * maximumPercent) / 100);
}

/** Those that are stopped first when there are too many: what does not serve yet, then the newest of the fullest zone. */
function surplus(tasks: readonly SeenTask[], count: number): readonly SeenTask[] {
  const left = tasks.filter(({ isProtected }) => !isProtected);
  const chosen: SeenTask[] = [];
  while (chosen.length < count && left.length > 0) {
    const inZone = (zone: string) => left.filter((task) => task.zone === zone).length;
    const [first] = left.toSorted(
      (a, b) =>
        Number(a.health === "healthy") - Number(b.health === "healthy") ||
        inZone(b.zone) - inZone(a.zone) ||
        b.createdAt - a.createdAt ||
        (a.id < b.id ? -1 : 1),
    );
    if (first === undefined) break;
    chosen.push(first);
    left.splice(left.indexOf(first), 1);
  }
  return chosen;
}

/**
 * Which tasks a service starts and stops now.
 *
 * Of what it does by itself, nothing leaves fewer healthy tasks than the minimum, or more tasks than the maximum. What is
 * unhealthy is stopped at once; a healthy task of an earlier deployment when another has taken its place, or when its
 * place is needed and the minimum allows it.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
export function planService(service: SeenService, now: Millis): ServicePlan {
  const { desiredCount, primary, tasks } = service;
  const scaling = `Scaling activity initiated by (deployment ${primary.id})`;
  const unhealthy = tasks.filter(({ health }) => health === "unhealthy");
  const fine = tasks.filter(({ health }) => health !== "unhealthy");
  const own = fine.filter(({ deployment }) => deployment === primary.id);
  const others = fine.filter(({ deployment }) => deployment !== primary.id);
  const least = leastHealthy(desiredCount, service.minimumHealthyPercent);
  const most = mostTasks(desiredCount, service.maximumPercent);

  const isHealthy = ({ health }: SeenTask) => health === "healthy";
  const before = fine.filter(isHealthy).length;
  const surplusOwn = surplus(own, own.length - desiredCount);
  // A healthy one stays while those that are to serve in its place do not serve yet, and are protected.
  const stoppable = Math.max(0, before - least);
  const excess = [
    ...surplusOwn.filter((task) => !isHealthy(task)),
    ...surplusOwn.filter(isHealthy).slice(0, stoppable),
  ];
  const stopsOthers = primary.rollout !== "FAILED";
  const unready = stopsOthers ? others.filter(({ health, isProtected }) => health === "starting" && !isProtected) : [];

  const wanted = Math.max(0, desiredCount - own.length);
  const room = Math.max(0, most - tasks.length);
  const healthy = before - excess.filter(isHealthy).length;
  const spare = Math.max(0, healthy - least);
  const replaced = Math.max(0, healthy - desiredCount);
  const inTheWay = room === 0 && unhealthy.length === 0 && unready.length === 0 ? wanted : 0;
  const retired = stopsOthers ? surplus(others.filter(isHealthy), Math.min(spare, Math.max(replaced, inTheWay))) : [];

  const mayStart = primary.rollout !== "FAILED" && now >= primary.nextStartAt;
  const start = mayStart ? Math.min(wanted, room) : 0;
  const stop = [
    ...unhealthy.map(({ id, reason = "Task failed container health checks" }) => ({ task: id, reason })),
    ...[...excess, ...unready, ...retired].map(({ id }) => ({ task: id, reason: scaling })),
  ];
  const isSettled = own.every(({ health }) => health === "healthy");
  const isIdle = start === 0 && stop.length === 0;
  return {
    start,
    stop,
    isSteady: isIdle && isSettled && own.length === desiredCount && others.length === 0 && service.draining === 0,
    isStuck: isIdle && isSettled && mayStart && wanted > 0 && service.draining === 0,
  };
}
