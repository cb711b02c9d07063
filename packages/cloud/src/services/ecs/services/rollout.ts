import type { DeploymentConfiguration } from "@aws-sdk/client-ecs";
import type { Millis } from "@trysail/core";
import type { Deployment, Service } from "./model.ts";

const bounds = { least: 3, most: 200 } as const;

/**
 * How many failed tasks in a row make a deployment fail.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export function failureThreshold(
  { deploymentCircuitBreaker: breaker }: DeploymentConfiguration,
  desiredCount: number,
): number {
  const { type = "BOUNDED_PERCENT", value = 50 } = breaker?.thresholdConfiguration ?? {};
  switch (type) {
    case "COUNT":
      return Math.max(1, value);
    case "UNBOUNDED_PERCENT":
      return Math.max(1, Math.ceil((desiredCount * value) / 100));
    case "BOUNDED_PERCENT":
      return Math.min(bounds.most, Math.max(bounds.least, Math.ceil((desiredCount * value) / 100)));
  }
}

/** Failures that are followed at once by another attempt; the most that is waited after more. */
const backOff = { freeRounds: 3, firstMs: 1000, longestMs: 27 * 60_000 } as const;

/**
 * How long no task is started after tasks have failed: not at all at first, then twice as long each time.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
 */
export function startDelayMs(failedTasks: number, desiredCount: number): Millis {
  // Tasks that are started together fail together.
  const rounds = Math.ceil(failedTasks / Math.max(1, desiredCount));
  if (rounds <= backOff.freeRounds) return 0;
  return Math.min(backOff.longestMs, backOff.firstMs * 2 ** Math.min(30, rounds - backOff.freeRounds - 1));
}

/** What has become of a service, and the lines that its events tell of it. */
export interface Turn {
  readonly service: Service;
  readonly events: readonly string[];
}

/** The service with another primary deployment in place of its own. */
export function withPrimary(service: Service, primary: Deployment): Service {
  return { ...service, deployments: [primary, ...service.deployments.slice(1)] };
}

export const cannotStart =
  "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";

/** After tasks of the primary deployment have failed. */
export function afterFailures(service: Service, failures: number, now: Millis): Turn {
  const [primary] = service.deployments;
  if (primary === undefined || failures === 0) return { service, events: [] };
  const before = startDelayMs(primary.failedTasks, service.desiredCount);
  const failedTasks = primary.failedTasks + failures;
  const delay = startDelayMs(failedTasks, service.desiredCount);
  return {
    service: withPrimary(service, {
      ...primary,
      failedTasks,
      lastFailureAt: now,
      nextStartAt: now + delay,
      updatedAt: now,
    }),
    events: before === 0 && delay > 0 ? [cannotStart] : [],
  };
}

/** After a task of the primary deployment, which started then, has become healthy. */
export function afterSuccess(service: Service, startedAt: Millis): Service {
  const [primary] = service.deployments;
  // One that has been healthy all along tells nothing of those that fail.
  if (primary === undefined || primary.failedTasks === 0 || startedAt <= primary.lastFailureAt) return service;
  if (service.configuration.deploymentCircuitBreaker?.resetOnHealthyTask === false && primary.rollout === "IN_PROGRESS")
    return service;
  return withPrimary(service, { ...primary, failedTasks: 0, nextStartAt: 0 });
}

/** Whether the circuit breaker ends the primary deployment now. */
export function isBroken(service: Service): boolean {
  const [primary] = service.deployments;
  const { deploymentCircuitBreaker: breaker } = service.configuration;
  return (
    breaker?.enable === true &&
    primary?.rollout === "IN_PROGRESS" &&
    primary.failedTasks >= failureThreshold(service.configuration, service.desiredCount)
  );
}

/** Whether there is a deployment to go back to. */
export function canRollBack({ deployments: [primary], lastCompleted }: Service): boolean {
  return lastCompleted !== undefined && primary !== undefined && lastCompleted.id !== primary.id;
}

/** What reasons begin with that the circuit breaker gives. */
const breaker = "ECS deployment circuit breaker: ";

/** The primary deployment has failed: it starts no more tasks, and the last completed one takes its place if asked. */
export function fail(service: Service, why: string, rollBack: boolean, now: Millis): Turn {
  const [primary, ...others] = service.deployments;
  if (primary === undefined) return { service, events: [] };
  const failed: Deployment = { ...primary, rollout: "FAILED", reason: `${why}.`, updatedAt: now };
  const events = [`(deployment ${primary.id}) deployment failed: ${why.replace(breaker, "")}.`];
  const { lastCompleted } = service;
  if (!rollBack || lastCompleted === undefined || lastCompleted.id === primary.id)
    return { service: { ...service, deployments: [failed, ...others], steady: false }, events };
  const { bakingSince: _, ...last } = lastCompleted;
  const again: Deployment = {
    ...last,
    // What alarms tell now is of the deployment that failed.
    alarms: "ignored",
    serviceDeployment: primary.serviceDeployment,
    rollout: "IN_PROGRESS",
    reason: `${why.startsWith(breaker) ? breaker : "ECS deployment: "}rolling back to deploymentId ${lastCompleted.id}.`,
    failedTasks: 0,
    nextStartAt: 0,
    updatedAt: now,
  };
  return {
    service: {
      ...service,
      deployments: [again, failed, ...others.filter(({ id }) => id !== lastCompleted.id)],
      steady: false,
    },
    events: [...events, `rolling back to (deployment ${lastCompleted.id}).`],
  };
}

/** The primary deployment is as it should be, and nothing is left of those before. */
export function complete(service: Service, now: Millis): Turn {
  const [primary] = service.deployments;
  if (primary === undefined) return { service, events: [] };
  const events: string[] = [];
  let done = primary;
  if (primary.rollout === "IN_PROGRESS") {
    done = { ...primary, rollout: "COMPLETED", reason: `ECS deployment ${primary.id} completed.`, updatedAt: now };
    events.push(`(deployment ${primary.id}) deployment completed.`);
  }
  if (!service.steady) events.push("has reached a steady state.");
  return {
    service: {
      ...service,
      deployments: [done],
      lastCompleted: done.rollout === "COMPLETED" ? done : service.lastCompleted,
      steady: true,
    },
    events,
  };
}
