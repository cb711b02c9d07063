import type { Millis } from "@trysail/core";
import type { HealthVerdict } from "./instance.ts";

/**
 * AWS's words for why an activity began. Tools and people match on them.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-group-activity.html
 */

/** `At 2026-11-26T03:00:00Z …` */
export function at(time: Millis, text: string): string {
  return `At ${new Date(time).toISOString().replace(/\.\d+Z$/, "Z")} ${text}.`;
}

/** Several reasons of one activity. */
export function join(...parts: readonly string[]): string {
  return parts.join("  ");
}

const changing = (from: number, to: number) => `changing the desired capacity from ${from} to ${to}`;

/** What has changed a group's desired capacity. */
export const desiredChange = {
  created: (to: number) => `a user request created an AutoScalingGroup ${changing(0, to)}`,
  set: (from: number, to: number) => `a user request explicitly set group desired capacity ${changing(from, to)}`,
  updated: (limits: { min: number; max: number }, from: number, to: number) =>
    `a user request update of AutoScalingGroup constraints to min: ${limits.min}, max: ${limits.max}, desired: ${to} ${changing(from, to)}`,
  policy: (policy: string, from: number, to: number) =>
    `a user request executed policy ${policy} ${changing(from, to)}`,
  alarm: (alarm: string, policy: string, from: number, to: number) =>
    `a monitor alarm ${alarm} in state ALARM triggered policy ${policy} ${changing(from, to)}`,
  scheduled: (action: string, changes: readonly string[]) =>
    [`the scheduled action ${action} executed`, ...changes].join(".  "),
  deleted: (from: number) => `a user request force deleted AutoScalingGroup ${changing(from, 0)}`,
};

export const launchCause = {
  difference: (from: number, to: number) =>
    `an instance was started in response to a difference between desired and actual capacity, increasing the capacity from ${from} to ${to}`,
  unhealthy: () => "an instance was launched in response to an unhealthy instance needing to be replaced",
  refresh: () => "an instance was launched in response to an instance refresh",
  balance: (zones: readonly string[], counts: readonly number[]) =>
    `availability zones ${zones.join(" ")} had ${counts.join(" ")} instances respectively. An instance was launched to aid in balancing the group's zones`,
};

export const terminateCause = {
  difference: (from: number, to: number) =>
    `an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${from} to ${to}`,
  selected: (id: string) => `instance ${id} was selected for termination`,
  refresh: () => "an instance was taken out of service in response to an instance refresh",
  lifetime: () => "an instance was taken out of service in response to exceeding the maximum instance lifetime",
  unhealthy: (verdict: HealthVerdict) => {
    switch (verdict) {
      case "ec2":
        return "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped";
      case "elb":
        return "an instance was taken out of service in response to an ELB system health check failure";
      case "user":
        return "an instance was taken out of service in response to a user health-check";
      default:
        return verdict satisfies never;
    }
  },
  user: (id: string, capacity?: readonly [from: number, to: number]) =>
    userRequest(id, "taken out of service", capacity),
  abandoned: (id: string) =>
    `instance ${id} was taken out of service in response to a lifecycle action that was abandoned`,
};

/** What a user did to one instance. */
export function userRequest(id: string, what: string, capacity?: readonly [from: number, to: number]): string {
  if (capacity === undefined) return `instance ${id} was ${what} in response to a user request`;
  const [from, to] = capacity;
  return `instance ${id} was ${what} in response to a user request, ${from > to ? "shrinking" : "increasing"} the capacity from ${from} to ${to}`;
}
