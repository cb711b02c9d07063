import type { Capacity } from "../fleet/model.ts";
import { serving } from "./health.ts";
import type { Action, Instance, Observation, Role, ServerGroup, Version } from "./model.ts";

/** How a version's instances fare. */
export type Nature = "good" | "never-healthy" | "dies";

interface Server {
  readonly id: string;
  age: number;
  isHealthy: boolean;
  isRegistered: boolean;
}

interface Group {
  name: string;
  role: Role;
  version: Version | undefined;
  createdAt: number;
  size: Capacity;
  servers: Server[];
  isAttached: boolean;
  weight: number;
  isPromoted: boolean;
  deletingFor: number | undefined;
}

/**
 * A region in which time goes by ticks: instances start, get healthy after some ticks, are replaced where they are missing.
 * It behaves as Auto Scaling and the balancer do, as far as a plan can see.
 */
export function world(options: {
  readonly traffic: Observation["traffic"];
  readonly capacity: Capacity;
  readonly natureOf: (version: string | undefined) => Nature;
  readonly ticksToHealthy: number;
}) {
  const groups: Group[] = [];
  let now = 1_000_000;
  let ids = 0;
  const find = (name: string) => groups.find((group) => group.name === name);

  function add(name: string, version: Version | undefined, size: Capacity, more: Partial<Group> = {}) {
    groups.push({
      name,
      role: "server",
      version,
      createdAt: now,
      size,
      servers: [],
      isAttached: true,
      weight: 100,
      isPromoted: false,
      deletingFor: undefined,
      ...more,
    });
  }

  function fill(group: Group) {
    while (group.servers.length < group.size.desired && group.deletingFor === undefined)
      group.servers.push({ id: `i-${(ids += 1)}`, age: 0, isHealthy: false, isRegistered: group.isAttached });
    group.servers.length = Math.min(group.servers.length, group.size.desired);
  }

  const isServing = (group: Group) => {
    if (options.traffic === "none") return group.size.desired > 0;
    return options.traffic === "weight" ? group.weight > 0 : group.isAttached;
  };

  return {
    now: () => now,
    add,
    groups,

    /** Everything that is there gets healthy at once. */
    settle() {
      for (const group of groups) {
        fill(group);
        for (const server of group.servers) Object.assign(server, { age: 100, isHealthy: true });
      }
    },

    tick(ms: number) {
      now += ms;
      for (const group of groups) {
        for (const server of group.servers) server.age += 1;
        const nature = options.natureOf(group.version?.id);
        if (nature === "dies") group.servers = group.servers.filter(({ age }) => age <= options.ticksToHealthy + 3);
        for (const server of group.servers)
          if (server.age >= options.ticksToHealthy && nature !== "never-healthy") server.isHealthy = true;
        if (group.deletingFor !== undefined) group.deletingFor += 1;
        fill(group);
      }
      for (const group of groups.filter(({ deletingFor }) => (deletingFor ?? 0) > 1))
        groups.splice(groups.indexOf(group), 1);
    },

    /** An instance dies by itself. */
    kill(which: number) {
      const all = groups.flatMap((group) => group.servers.map((server) => ({ group, server })));
      const victim = all[which % Math.max(1, all.length)];
      if (victim !== undefined) victim.group.servers = victim.group.servers.filter((one) => one !== victim.server);
    },

    observe(alarms: readonly string[] = []): Observation {
      return {
        kind: "seen",
        at: now,
        traffic: options.traffic,
        capacity: options.capacity,
        alarms,
        groups: groups.map((group): ServerGroup => ({
          name: group.name,
          role: group.role,
          version: group.version,
          createdAt: group.createdAt,
          size: { ...group.size },
          isServing: isServing(group),
          weight: options.traffic === "weight" ? group.weight : undefined,
          isDeleting: group.deletingFor !== undefined,
          isPromoted: group.isPromoted,
          instances: group.servers.map((server): Instance => {
            const isRegistered = options.traffic !== "attachment" || (group.isAttached && server.isRegistered);
            return {
              id: server.id,
              lifecycle: server.age === 0 ? "starting" : group.deletingFor === undefined ? "running" : "ending",
              isRegistered,
              health: !isRegistered ? "unknown" : server.isHealthy ? "healthy" : "starting",
            };
          }),
        })),
      };
    },

    /** Repeating an action changes nothing. */
    apply(action: Action) {
      const group = find(action.group);
      if (action.kind === "create") {
        if (group !== undefined) return;
        now += 1;
        add(action.group, action.version, action.size, {
          role: action.role,
          isAttached: action.isServing && options.traffic === "attachment",
          weight: 0,
        });
        return;
      }
      if (group === undefined || group.deletingFor !== undefined) return;
      switch (action.kind) {
        case "resize":
          group.size = action.size;
          fill(group);
          return;
        case "serve": {
          group.weight = action.weight;
          group.isAttached = action.instances !== 0;
          const healthyFirst = group.servers.toSorted((a, b) => Number(b.isHealthy) - Number(a.isHealthy));
          const count = action.instances === "all" ? Infinity : action.instances;
          for (const [index, server] of healthyFirst.entries()) server.isRegistered = index < count;
          return;
        }
        case "delete":
          group.deletingFor = 0;
          group.isAttached = false;
          group.weight = 0;
          return;
        case "promote":
        case "demote":
          group.isPromoted = action.kind === "promote";
      }
    },

    serving(): number {
      return serving(this.observe());
    },
  };
}
