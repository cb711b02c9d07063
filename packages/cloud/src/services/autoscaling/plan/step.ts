import type { Hook } from "../model/hook.ts";
import type { GroupInstance, HealthVerdict, HookWait, Launch, Lifecycle } from "../model/instance.ts";
import type { Place } from "../model/group.ts";
import type { Refresh } from "../model/refresh.ts";

/** One thing that a group's controller is to do now. */
export type Step =
  /** Begins an activity that launches an instance. */
  | { readonly do: "begin-launch"; readonly place: Place; readonly cause: string; readonly balances: boolean }
  /** Asks EC2 for the instance of a launch that has begun. */
  | { readonly do: "launch"; readonly launch: Launch }
  /** Begins an activity that terminates an instance. */
  | { readonly do: "begin-termination"; readonly instance: GroupInstance; readonly cause: string }
  | { readonly do: "mark-unhealthy"; readonly instance: GroupInstance; readonly verdict: HealthVerdict }
  /** Gives up an instance that has died before it came into service. */
  | { readonly do: "abandon-launch"; readonly instance: GroupInstance }
  | { readonly do: "move"; readonly instance: GroupInstance; readonly to: Lifecycle }
  | { readonly do: "wait-for-hooks"; readonly instance: GroupInstance; readonly hooks: readonly Hook[] }
  /** Hooks whose time has run out get their default result. */
  | { readonly do: "time-out"; readonly instance: GroupInstance; readonly waits: readonly HookWait[] }
  | { readonly do: "register"; readonly instance: GroupInstance; readonly targetGroups: readonly string[] }
  | { readonly do: "skip"; readonly instance: GroupInstance; readonly targetGroups: readonly string[] }
  | { readonly do: "deregister"; readonly instance: GroupInstance; readonly targetGroups: readonly string[] }
  /** Asks Elastic Load Balancing whether a target has left: for what no event has told. */
  | { readonly do: "look-at-targets"; readonly instance: GroupInstance; readonly targetGroups: readonly string[] }
  | { readonly do: "serve"; readonly instance: GroupInstance }
  /** Asks EC2 to end it. */
  | { readonly do: "terminate"; readonly instance: GroupInstance }
  | { readonly do: "stand-by"; readonly instance: GroupInstance }
  /** The group has the capacity that it was to have: what has changed it needs not be told any more. */
  | { readonly do: "forget-changes" }
  | { readonly do: "update-refresh"; readonly refresh: Refresh }
  /** Its last activity is done: the group does not know it any more. */
  | { readonly do: "let-go"; readonly instance: GroupInstance };

/** What is to be done, and when to look again at the latest. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly wakeAt: number | undefined;
}

/** Several plans as one. */
export function together(...plans: readonly Plan[]): Plan {
  const times = plans.flatMap(({ wakeAt }) => (wakeAt === undefined ? [] : [wakeAt]));
  return {
    steps: plans.flatMap(({ steps }) => steps),
    wakeAt: times.length === 0 ? undefined : Math.min(...times),
  };
}

export const nothing: Plan = { steps: [], wakeAt: undefined };

export function now(...steps: readonly Step[]): Plan {
  return { steps, wakeAt: undefined };
}

export function later(wakeAt: number): Plan {
  return { steps: [], wakeAt };
}
