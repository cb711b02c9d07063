import { afterDeaths, afterRefusedLaunch } from "./back-off.ts";
import { isTerminating } from "../model/instance.ts";
import type { Ec2State, GroupInstance, Launch } from "../model/instance.ts";
import type { Group } from "../model/group.ts";
import type { Hook } from "../model/hook.ts";
import type { Refresh } from "../model/refresh.ts";
import { plan } from "./plan.ts";
import type { Step } from "./step.ts";

export function groupOf(change: Partial<Group> = {}): Group {
  return {
    name: "web",
    arn: "arn:web",
    createdAt: 0,
    source: { kind: "template", template: { id: "lt-1", name: "web", version: "1" } },
    min: 0,
    max: 10,
    desired: 0,
    places: ["a", "b", "c"].map((zone) => ({ zone, subnet: `subnet-${zone}` })),
    inSubnets: true,
    targetGroups: [],
    checksElb: false,
    graceSeconds: 0,
    cooldownSeconds: 300,
    warmupSeconds: undefined,
    terminationPolicies: ["Default"],
    protectsNew: false,
    maxLifetimeSeconds: undefined,
    maintenance: undefined,
    tags: [],
    suspended: {},
    metrics: [],
    serviceLinkedRole: "",
    context: undefined,
    deletionProtection: undefined,
    changes: [],
    failures: {},
    cooldownUntil: 0,
    deleting: false,
    ...change,
  };
}

export function instanceOf(id: string, change: Partial<GroupInstance> = {}): GroupInstance {
  return {
    id,
    group: "web",
    zone: "a",
    subnet: "subnet-a",
    type: "t3.micro",
    imageId: undefined,
    from: { kind: "template", template: { id: "lt-1", name: "web", version: "1" } },
    lifecycle: "InService",
    ec2: "running",
    unhealthy: undefined,
    protected: false,
    launchedAt: 0,
    inServiceAt: 0,
    activity: undefined,
    waits: [],
    targets: {},
    hasServed: false,
    lookAt: 0,
    balances: false,
    atOnce: false,
    ...change,
  };
}

/** A group, EC2 and the load balancers in memory: what the controller does, without anything to do it to. */
export class World {
  time = 1_000_000;
  group: Group;
  hooks: Hook[] = [];
  refresh: Refresh | undefined;
  readonly instances = new Map<string, GroupInstance>();
  readonly launches = new Map<string, Launch>();
  /** Zones in which launches fail. */
  readonly broken = new Set<string>();
  /** Every step that was taken. */
  readonly taken: Step[] = [];
  #next = 0;

  constructor(group: Group) {
    this.group = group;
  }

  get active(): GroupInstance[] {
    return [...this.instances.values()].filter(
      ({ lifecycle }) => lifecycle === "InService" || lifecycle.startsWith("Pending"),
    );
  }

  seen() {
    const { group, hooks, refresh } = this;
    return { group, hooks, refresh, instances: [...this.instances.values()], launches: [...this.launches.values()] };
  }

  plan() {
    return plan(this.seen(), this.time);
  }

  change(id: string, change: Partial<GroupInstance>): void {
    const instance = this.instances.get(id);
    if (instance !== undefined) this.instances.set(id, { ...instance, ...change });
  }

  /** EC2 ends an instance that somebody has killed, or that the group has asked it to. */
  die(id: string, ec2: Ec2State = "terminated"): void {
    this.change(id, { ec2 });
  }

  /** Plans and does until nothing is to be done now. @param does - whether a step is done before an interruption */
  settle(does: (step: Step) => boolean = () => true, check: (steps: readonly Step[]) => void = () => {}): void {
    for (let round = 0; round < 1000; round++) {
      const { steps } = this.plan();
      check(steps);
      if (steps.length === 0) return;
      const done = steps.filter(does);
      for (const step of done) this.do(step);
      if (done.length < steps.length) return;
    }
    throw new Error("the group never comes to rest");
  }

  /** Lets time pass, stopping wherever the plan asked to be woken. */
  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      this.settle();
      const { wakeAt } = this.plan();
      if (wakeAt === undefined || wakeAt > end) break;
      this.time = Math.max(wakeAt, this.time + 1);
    }
    this.time = end;
    this.settle();
  }

  do(step: Step): void {
    this.taken.push(step);
    switch (step.do) {
      case "begin-launch": {
        const id = `l${this.#next++}`;
        this.launches.set(id, { ...step.place, id, group: "web", activity: 0, balances: step.balances });
        return;
      }
      case "launch": {
        const { launch } = step;
        if (!this.launches.delete(launch.id)) return;
        if (this.broken.has(launch.zone)) return this.#refuse(launch.zone);
        const id = `i-${this.#next++}`;
        const { zone, subnet, balances } = launch;
        const row = {
          zone,
          subnet,
          balances,
          lifecycle: "Pending",
          launchedAt: this.time,
          inServiceAt: undefined,
        } as const;
        this.instances.set(id, instanceOf(id, { ...row, protected: this.group.protectsNew }));
        return;
      }
      case "begin-termination":
      case "abandon-launch": {
        const instance = this.instances.get(step.instance.id);
        if (instance === undefined || isTerminating(instance)) return;
        const atOnce = this.group.deleting || instance.lifecycle.startsWith("Pending");
        this.group = { ...this.group, failures: afterDeaths(this.group.failures, [instance], this.time) };
        this.change(instance.id, { lifecycle: "Terminating", waits: [], balances: false, atOnce });
        return;
      }
      case "mark-unhealthy":
        return this.change(step.instance.id, { unhealthy: step.verdict });
      case "move":
        return this.#if(step.instance, { lifecycle: step.to });
      case "wait-for-hooks": {
        const lifecycle = step.instance.lifecycle === "Pending" ? "Pending:Wait" : "Terminating:Wait";
        const waits = step.hooks.map(({ name, heartbeatSeconds, defaultResult }) => {
          const deadline = this.time + heartbeatSeconds * 1000;
          return { hook: name, token: name, heartbeatSeconds, defaultResult, deadline, lastDeadline: deadline * 100 };
        });
        return this.#if(step.instance, { lifecycle, waits });
      }
      case "time-out":
        return this.#if(step.instance, {
          waits: step.instance.waits.filter((wait) => !step.waits.includes(wait)),
        });
      case "register":
      case "skip":
        for (const arn of step.targetGroups)
          this.#target(step.instance.id, arn, step.do === "skip" ? "skipped" : "initial");
        return;
      case "deregister":
        for (const arn of step.targetGroups) this.#target(step.instance.id, arn, "draining");
        return this.change(step.instance.id, { lookAt: this.time + 30_000 });
      case "look-at-targets":
        for (const arn of step.targetGroups) this.#target(step.instance.id, arn, undefined);
        return;
      case "serve":
        return this.#if(step.instance, { lifecycle: "InService", inServiceAt: this.time, balances: false });
      case "stand-by":
        return this.#if(step.instance, { lifecycle: "Standby" });
      case "terminate":
        return this.die(step.instance.id);
      case "let-go":
        this.instances.delete(step.instance.id);
        return;
      case "forget-changes":
        this.group = { ...this.group, changes: [] };
        return;
      case "update-refresh":
        this.refresh = step.refresh.endedAt === undefined ? step.refresh : undefined;
        return;
      default:
        step satisfies never;
    }
  }

  #if(seen: GroupInstance, change: Partial<GroupInstance>): void {
    if (this.instances.get(seen.id)?.lifecycle === seen.lifecycle) this.change(seen.id, change);
  }

  #target(id: string, arn: string, state: GroupInstance["targets"][string] | undefined): void {
    const { [arn]: _, ...others } = this.instances.get(id)?.targets ?? {};
    this.change(id, { targets: state === undefined ? others : { ...others, [arn]: state } });
  }

  #refuse(zone: string): void {
    const { failures } = this.group;
    this.group = { ...this.group, failures: { ...failures, [zone]: afterRefusedLaunch(failures[zone], this.time) } };
  }
}
