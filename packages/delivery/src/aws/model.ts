import type { Millis } from "@trysail/core";
import type { Capacity } from "../fleet/model.ts";
import type { Action, Instance, Role, ServerGroup, Version } from "../plan/model.ts";

type Create = Action & { readonly kind: "create" };

/** What runs server groups: Auto Scaling, or ECS. */
export interface Compute {
  /** Of the cluster and its canaries. */
  observe(now: Millis): Promise<readonly ComputeGroup[]>;
  /** @param targetGroups - ARNs, with which its instances are registered */
  create(action: Create, targetGroups: readonly string[]): Promise<void>;
  resize(group: ComputeGroup, size: Capacity): Promise<void>;
  mark(group: ComputeGroup, isPromoted: boolean): Promise<void>;
  /** Its instances end at once: what they were asked has ended. */
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
  readonly instances: readonly ComputeInstance[];
}

export interface ComputeInstance extends Pick<Instance, "id" | "lifecycle" | "reason"> {
  /** By which a target group knows it: an instance's id, or a task's address; undefined as long as it has none. */
  readonly target: string | undefined;
  readonly isHealthy: boolean;
}

/** What leads users to server groups. */
export interface TrafficControl {
  observe(groups: readonly ComputeGroup[]): Promise<readonly ServerGroup[]>;
  /**
   * Makes what a new group is registered with.
   *
   * @returns ARNs of target groups
   */
  prepare(group: string, isServing: boolean): Promise<readonly string[]>;
  serve(group: ComputeGroup, action: Action & { readonly kind: "serve" }): Promise<void>;
  /** Removes what was made for a group that is not there any more. */
  forget(group: string): Promise<void>;
  /** Whether a group may still have requests after its traffic was taken: it is emptied before it is deleted. */
  readonly isDrainedByEmptying: boolean;
}
