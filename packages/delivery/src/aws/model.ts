import type { Millis } from "@trysail/core";
import type { Capacity } from "../fleet/model.ts";
import type { Action, Instance, Role, ServerGroup, Version } from "../plan/model.ts";

type Create = Action & { readonly kind: "create" };
type Serve = Action & { readonly kind: "serve" };

/** What runs server groups: Auto Scaling, or ECS. Each change may be repeated, and ends what an interruption has left. */
export interface Compute {
  /** Of the cluster and its canaries. */
  observe(now: Millis): Promise<readonly ComputeGroup[]>;
  /** @param targetGroups - ARNs, with which its instances are registered */
  create(action: Create, targetGroups: readonly string[]): Promise<void>;
  resize(group: ComputeGroup, size: Capacity): Promise<void>;
  mark(group: ComputeGroup, isPromoted: boolean): Promise<void>;
  /**
   * Takes an empty group out of its target groups, before they are deleted: AWS starts nothing in a group that names a target
   * group which is gone, and may refuse its other changes.
   */
  detach(group: ComputeGroup): Promise<void>;
  /**
   * Its instances end at once: what they were asked has ended. The group goes after all that was made for it: as long as it
   * is there, its deletion is repeated.
   */
  remove(group: ComputeGroup): Promise<void>;
}

/** A server group as what runs it knows it. */
export interface ComputeGroup {
  readonly name: string;
  /** What the API calls it. */
  readonly id: string;
  readonly role: Role;
  readonly version: Version | undefined;
  readonly createdAt: Millis;
  readonly size: Capacity;
  readonly isDeleting: boolean;
  readonly isPromoted: boolean;
  readonly reason: string | undefined;
  /** ARNs. */
  readonly targetGroups: readonly string[];
  /** Whether what the balancer finds unhealthy is replaced. */
  readonly isJudgedByBalancer: boolean;
  readonly instances: readonly ComputeInstance[];
}

export interface ComputeInstance extends Pick<Instance, "id" | "lifecycle" | "reason"> {
  /** By which a target group knows it: an instance's id, or a task's address; undefined as long as it has none. */
  readonly target: string | undefined;
  readonly isHealthy: boolean;
}

/** What leads users to server groups. Each change may be repeated, and ends what an interruption has left. */
export interface TrafficControl {
  observe(groups: readonly ComputeGroup[]): Promise<readonly ServerGroup[]>;
  /**
   * Makes what a new group is registered with.
   *
   * @returns ARNs of target groups
   */
  prepare(group: string, isServing: boolean, others: Others): Promise<readonly string[]>;
  serve(group: ComputeGroup, action: Serve, others: Others): Promise<void>;
  /** Before a group gets another size. */
  resizing(group: ComputeGroup, size: Capacity, others: Others): Promise<void>;
  /** Removes what was made for a group that is without instances, or not there any more. */
  forget(group: string, others: Others): Promise<void>;
  /** Whether a group may still have requests after its traffic was taken: it is emptied before it is deleted. */
  readonly isDrainedByEmptying: boolean;
  /** ARNs of those by which a group is measured; undefined where there are none. */
  measuredBy(group: ComputeGroup | undefined): MeasuredBy | undefined;
}

export interface MeasuredBy {
  readonly targetGroup: string | undefined;
  /** Of a listener, or of a rule; undefined where only the target group tells of it. */
  readonly listener: string | undefined;
}

/** The cluster's groups beside the one that is changed. */
export interface Others {
  /** As they were last seen. */
  readonly seen: readonly ComputeGroup[];
  /** As they are now. */
  look(): Promise<readonly ComputeGroup[]>;
}
