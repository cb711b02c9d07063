import type { Millis } from "@trysail/core";

/** A launch template as a request names it: one of id and name is enough; the version may be `$Latest` or `$Default`. */
export interface TemplateRef {
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

/** What a group's instances are launched from. */
export type LaunchSource =
  | { readonly kind: "template"; readonly template: TemplateRef }
  /** A mixed instances policy: the types are tried in order. */
  | { readonly kind: "mixed"; readonly template: TemplateRef; readonly types: readonly string[] }
  | { readonly kind: "configuration"; readonly name: string };

/** Where instances may be launched. The subnet is left out where a group names zones only. */
export interface Place {
  readonly zone: string;
  readonly subnet: string | undefined;
}

export interface GroupTag {
  readonly key: string;
  readonly value: string;
  readonly propagate: boolean;
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html */
export const processNames = [
  "AddToLoadBalancer",
  "AlarmNotification",
  "AZRebalance",
  "HealthCheck",
  "InstanceRefresh",
  "Launch",
  "ReplaceUnhealthy",
  "ScheduledActions",
  "Terminate",
] as const;
export type ProcessName = (typeof processNames)[number];

/** Launches that have failed in a zone, one after another. */
export interface Failures {
  readonly count: number;
  readonly lastAt: Millis;
}

/** An Auto Scaling group. */
export interface Group {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Millis;
  readonly source: LaunchSource;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly places: readonly Place[];
  /** Whether the places were given as subnets. */
  readonly inSubnets: boolean;
  readonly targetGroups: readonly string[];
  readonly checksElb: boolean;
  readonly graceSeconds: number;
  readonly cooldownSeconds: number;
  readonly warmupSeconds: number | undefined;
  readonly terminationPolicies: readonly string[];
  readonly protectsNew: boolean;
  /** The oldest that an instance gets; undefined for no limit. */
  readonly maxLifetimeSeconds: number | undefined;
  readonly maintenance: { readonly minHealthy: number; readonly maxHealthy: number } | undefined;
  readonly tags: readonly GroupTag[];
  /** Process to the reason of its suspension. */
  readonly suspended: Readonly<Partial<Record<ProcessName, string>>>;
  readonly metrics: readonly string[];
  readonly serviceLinkedRole: string;
  readonly context: string | undefined;
  readonly deletionProtection: string | undefined;
  /** What has changed the desired capacity, in AWS's words, until an instance was launched or terminated for it. */
  readonly changes: readonly string[];
  /** By zone. */
  readonly failures: Readonly<Record<string, Failures>>;
  /** Until when simple scaling policies wait. */
  readonly cooldownUntil: Millis;
  /** It goes as soon as its last instance has gone. */
  readonly deleting: boolean;
}

export function isSuspended(group: Pick<Group, "suspended">, process: ProcessName): boolean {
  return group.suspended[process] !== undefined;
}

/** The zones of a group, each once, in the order in which they were given. */
export function zonesOf({ places }: Pick<Group, "places">): readonly string[] {
  return [...new Set(places.map(({ zone }) => zone))];
}
