import type { Millis } from "@trysail/core";
import type { Capacity } from "../fleet/model.ts";

/** What is rolled out. */
export interface Version {
  /** What people call it: a short commit, or a number. Names nothing; two versions may not share it within a cluster. */
  readonly id: string;
  /** What its instances run: `s3://bucket/key` of a zip, or an image. */
  readonly artifact: string;
  readonly commit?: string | undefined;
  /** When it was committed: where the lead time begins. */
  readonly committedAt?: Millis | undefined;
  /** Of CodePipeline. */
  readonly execution?: string | undefined;
}

/** What a server group is for. `server` is one that serves, or did. */
export type Role = "server" | "canary" | "baseline";

/** An instance of EC2 or a task of ECS, as a rollout sees it. */
export interface Instance {
  readonly id: string;
  readonly lifecycle: "starting" | "running" | "ending";
  /** Whether the balancer sends to it, provided that it is healthy there and its group has weight. */
  readonly isRegistered: boolean;
  /** As the balancer says; as Auto Scaling or ECS says where there is none. */
  readonly health: "healthy" | "unhealthy" | "starting" | "draining" | "unknown";
  /** Why it is not healthy, in the words of who says so. */
  readonly reason?: string | undefined;
}

/** A server group, as it is. */
export interface ServerGroup {
  readonly name: string;
  readonly role: Role;
  readonly version: Version | undefined;
  readonly createdAt: Millis;
  readonly size: Capacity;
  readonly instances: readonly Instance[];
  /** Whether instances that it launches take traffic: it is attached, or its weight is above 0. */
  readonly isServing: boolean;
  /** Of its target group in the listener; undefined with attachment. */
  readonly weight: number | undefined;
  readonly isDeleting: boolean;
  /** Whether it is marked as the version that the cluster runs. */
  readonly isPromoted: boolean;
  /** Why instances cannot be had, in the words of who says so. */
  readonly reason?: string | undefined;
}

/** One region, looked at. */
export interface Observation {
  readonly kind: "seen";
  readonly at: Millis;
  readonly traffic: "attachment" | "weight" | "none";
  /** What a first group gets. */
  readonly capacity: Capacity;
  /** Of the cluster and of its canaries, whoever made them. */
  readonly groups: readonly ServerGroup[];
  /** Those of the spec that are in ALARM. */
  readonly alarms: readonly string[];
}

/** A region that could not be looked at, and why. */
export interface Unreachable {
  readonly kind: "unreachable";
  readonly at: Millis;
  readonly code: string;
  readonly message: string;
  /** Whether it may go by itself: throttling or a region that is down, and not access that is denied. */
  readonly isTransient: boolean;
}

/** A change of a region. Repeating one changes nothing. */
export type Action =
  | {
      readonly kind: "create";
      readonly group: string;
      readonly role: Role;
      readonly version: Version;
      readonly size: Capacity;
      /** Whether it takes traffic as soon as its instances are healthy: with attachment. */
      readonly isServing: boolean;
    }
  | { readonly kind: "resize"; readonly group: string; readonly size: Capacity }
  /** How much traffic it takes, by its instances that do (with attachment) or by weight; both are 0 for none. */
  | { readonly kind: "serve"; readonly group: string; readonly instances: number | "all"; readonly weight: number }
  | { readonly kind: "delete"; readonly group: string }
  /** Marks it as the version that the cluster runs, or takes the mark from it. */
  | { readonly kind: "promote" | "demote"; readonly group: string };
