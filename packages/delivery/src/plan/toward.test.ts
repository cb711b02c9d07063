import { describe, expect, it } from "vitest";
import { exactly, fullTraffic, noTraffic, pinned, trafficOf, type Goal, type GroupGoal } from "./goal.ts";
import type { ServerGroup } from "./model.ts";
import {
  fresh,
  groupWith,
  healthy,
  instanceWith,
  keptGroup,
  newGroup,
  old,
  oldGroup,
  seenWith,
  size,
} from "./specs.test-kit.ts";
import { toward, type Limits } from "./toward.ts";

const limits: Limits = { floor: 4, healthyPercent: 100 };

/** The new group at full size and in traffic, the old one untouched, but for what is given. */
const wanted = (group: string, given: Partial<GroupGoal> = {}): GroupGoal => ({
  group,
  role: "server",
  version: group === newGroup ? fresh : old,
  size: { kind: "at-least", size: pinned(size) },
  traffic: fullTraffic(4, 4),
  isAwaited: group === newGroup,
  ...given,
});
const goalWith = (groups: readonly GroupGoal[], given: Partial<Goal> = {}): Goal => ({
  groups,
  absent: [],
  promoted: undefined,
  ...given,
});
const pinnedGroup = (name: string, given: Partial<ServerGroup> = {}) =>
  groupWith(name, { size: pinned(size), ...given });
const zero = { kind: "zero" } as const;

describe("what is missing", () => {
  it("is made, pinned and in traffic at once, and what is too small grows meanwhile", () => {
    const goal = goalWith([wanted(oldGroup), wanted(newGroup)]);
    expect(toward(goal, seenWith([groupWith(oldGroup)]), limits)).toEqual({
      kind: "acting",
      actions: [
        { kind: "create", group: newGroup, role: "server", version: fresh, size: pinned(size), isServing: true },
        { kind: "resize", group: oldGroup, size: { min: 4, desired: 4, max: 8 } },
      ],
    });
  });

  it("is made without traffic where it is to have none", () => {
    const goal = goalWith([wanted(newGroup, { traffic: noTraffic })]);
    expect(toward(goal, seenWith([]), limits)).toMatchObject({ actions: [{ kind: "create", isServing: false }] });
  });

  it("is not made to have no instances", () => {
    const goal = goalWith([wanted(oldGroup, { size: zero, traffic: noTraffic })]);
    expect(toward(goal, seenWith([]), limits)).toEqual({ kind: "reached" });
  });

  it("cannot be made again if it tells no version", () => {
    const goal = goalWith([wanted(oldGroup, { version: undefined }), wanted(newGroup)]);
    expect(toward(goal, seenWith([]), limits)).toEqual({
      kind: "waiting",
      for: `${oldGroup} is gone, and tells no version of which it could be made again`,
    });
  });

  it("is made again only when an earlier one of its name is deleted", () => {
    const seen = seenWith([groupWith(newGroup, { isDeleting: true })]);
    expect(toward(goalWith([wanted(newGroup)]), seen, limits)).toEqual({
      kind: "waiting",
      for: `an earlier ${newGroup} is still being deleted`,
    });
    expect(toward(goalWith([wanted(newGroup, { size: zero, traffic: noTraffic })]), seen, limits)).toEqual({
      kind: "reached",
    });
  });
});

describe("a size", () => {
  const one = (has: typeof size, kind: "at-least" | "released", goal = pinned(size)) =>
    toward(
      goalWith([wanted(oldGroup, { size: { kind, size: goal } })]),
      seenWith([groupWith(oldGroup, { size: has })]),
      limits,
    );
  const resized = (to: typeof size) => ({
    kind: "acting",
    actions: [{ kind: "resize", group: oldGroup, size: to }],
  });

  it.each([
    ["keeps what has grown by itself", { min: 4, desired: 7, max: 8 }, undefined],
    ["keeps a larger minimum and maximum", { min: 5, desired: 5, max: 20 }, undefined],
    ["gets its minimum", { min: 2, desired: 6, max: 8 }, { min: 4, desired: 6, max: 8 }],
    ["gets its desired size and its maximum", { min: 0, desired: 0, max: 0 }, { min: 4, desired: 4, max: 8 }],
  ] as const)("of at least so much %s", (_, has, then) => {
    expect(one(has, "at-least")).toEqual(then === undefined ? { kind: "reached" } : resized(then));
  });

  it.each([
    ["lets the minimum go", { min: 4, desired: 4, max: 8 }, { min: 2, desired: 4, max: 8 }],
    ["keeps what it has", { min: 2, desired: 7, max: 8 }, undefined],
    ["lets the maximum go", { min: 2, desired: 4, max: 20 }, { min: 2, desired: 4, max: 8 }],
    ["keeps a maximum that its instances need", { min: 2, desired: 9, max: 20 }, { min: 2, desired: 9, max: 9 }],
    ["grows first to its minimum", { min: 0, desired: 1, max: 1 }, { min: 0, desired: 2, max: 8 }],
  ] as const)("that is released %s", (_, has, then) => {
    expect(one(has, "released", size)).toEqual(then === undefined ? { kind: "reached" } : resized(then));
  });
});

describe("what is to take traffic", () => {
  const goal = goalWith([wanted(newGroup)]);

  it("gets it at once with attachment, since the balancer looks at nothing else", () => {
    const group = pinnedGroup(newGroup, {
      isServing: false,
      instances: healthy(4).map((one) => ({ ...one, isRegistered: false, health: "unknown" as const })),
    });
    expect(toward(goal, seenWith([group]), limits)).toEqual({
      kind: "acting",
      actions: [{ kind: "serve", group: newGroup, instances: "all", weight: 100 }],
    });
  });

  it("gets it with weights only when enough of it is healthy", () => {
    const opened = (count: number, healthyPercent: number) =>
      toward(
        goal,
        seenWith([pinnedGroup(newGroup, { weight: 0, isServing: false, instances: healthy(count) })], {
          traffic: "weight",
        }),
        { floor: 0, healthyPercent },
      ).kind;
    expect([3, 4].map((count) => opened(count, 100))).toEqual(["waiting", "acting"]);
    expect([2, 3].map((count) => opened(count, 75))).toEqual(["waiting", "acting"]);
  });

  it("is registered where running instances are not, and left alone where they have not started", () => {
    const registered = (given: Partial<ReturnType<typeof instanceWith>>) =>
      toward(
        goalWith([wanted(newGroup, { isAwaited: false })]),
        seenWith([pinnedGroup(newGroup, { instances: [...healthy(3), instanceWith("i-4", given)] })]),
        limits,
      ).kind;
    expect(registered({ isRegistered: false })).toBe("acting");
    expect(registered({ isRegistered: false, lifecycle: "starting" })).toBe("reached");
  });

  it("gets no more instances into traffic than it is to have", () => {
    const partly = goalWith([wanted(oldGroup, { traffic: trafficOf(2, 4) })]);
    const group = (registered: number) =>
      pinnedGroup(oldGroup, {
        instances: healthy(4).map((one, index) => ({ ...one, isRegistered: index < registered })),
      });
    const kinds = [1, 2].map((registered) => toward(partly, seenWith([group(registered)]), limits).kind);
    expect(kinds).toEqual(["acting", "reached"]);
    // Those that are on their way out do not count.
    const ending = pinnedGroup(oldGroup, {
      instances: [instanceWith("i-1"), instanceWith("i-2", { lifecycle: "ending" }), ...healthy(2).map(unregistered)],
    });
    expect(toward(partly, seenWith([ending]), limits).kind).toBe("acting");
  });

  it("is nothing where there is no balancer", () => {
    const seen = seenWith([pinnedGroup(newGroup, { isServing: false })], { traffic: "none" });
    expect(toward(goal, seen, limits)).toEqual({ kind: "reached" });
  });
});

const unregistered = <T extends { readonly isRegistered: boolean }>(one: T): T => ({ ...one, isRegistered: false });

describe("the gate", () => {
  const goal = goalWith([wanted(oldGroup, { traffic: noTraffic }), wanted(newGroup)]);
  const sick = instanceWith("i-9", { health: "unhealthy", reason: "Health checks failed with code 500" });
  const started = instanceWith("i-8", { lifecycle: "starting", health: "starting" });

  it("takes nothing from traffic while what is to serve is not healthy, and says which instances are not and why", () => {
    const group = pinnedGroup(newGroup, {
      instances: [...healthy(2), sick, started],
      reason: "Could not launch: no capacity",
    });
    expect(toward(goal, seenWith([pinnedGroup(oldGroup), group]), { floor: 0, healthyPercent: 100 })).toEqual({
      kind: "waiting",
      for: `2 of 4 instances of ${newGroup} are healthy (i-9: Health checks failed with code 500; i-8: starting; Could not launch: no capacity)`,
    });
  });

  it("names three instances, and how many more there are", () => {
    const group = pinnedGroup(newGroup, { instances: ["a", "b", "c", "d"].map((id) => ({ ...sick, id })) });
    expect(toward(goal, seenWith([pinnedGroup(oldGroup), group]), limits)).toMatchObject({
      for: expect.stringMatching(/^0 of 4 instances .+ \(a: .+; b: .+; c: [^;]+; 1 more\)$/),
    });
  });

  it("names instances without a reason by their health, and those that have not started by that", () => {
    const silent = { ...sick, reason: undefined };
    const others = [silent, { ...started, health: "unknown" as const }, { ...silent, id: "i-7" }];
    const group = pinnedGroup(newGroup, { instances: [...healthy(1), ...others] });
    expect(toward(goal, seenWith([pinnedGroup(oldGroup), group]), limits)).toEqual({
      kind: "waiting",
      for: `1 of 4 instances of ${newGroup} are healthy (i-9: unhealthy; i-8: starting; i-7: unhealthy)`,
    });
  });

  it("is as high as the healthy percent says, rounded up", () => {
    const passes = (count: number, healthyPercent: number) =>
      toward(goal, seenWith([pinnedGroup(oldGroup), pinnedGroup(newGroup, { instances: healthy(count) })]), {
        floor: 0,
        healthyPercent,
      }).kind === "acting";
    expect([2, 3].map((count) => passes(count, 51))).toEqual([false, true]);
  });

  it("needs what the group is to have, though it has grown by itself; once its size is let go, what it has", () => {
    const passes = (kind: "at-least" | "released", given: typeof size) =>
      toward(
        goalWith([wanted(oldGroup, { traffic: noTraffic }), wanted(newGroup, { size: { kind, size: pinned(size) } })]),
        seenWith([pinnedGroup(oldGroup), groupWith(newGroup, { size: given, instances: healthy(4) })]),
        limits,
      ).kind;
    expect(passes("at-least", { min: 4, desired: 6, max: 8 })).toBe("acting");
    expect(passes("released", { min: 4, desired: 6, max: 8 })).toBe("waiting");
    expect(passes("released", pinned(size))).toBe("acting");
  });

  it("counts instances that are not registered as not healthy", () => {
    const group = pinnedGroup(newGroup, { instances: [...healthy(3), instanceWith("i-4", { lifecycle: "ending" })] });
    expect(toward(goal, seenWith([pinnedGroup(oldGroup), group]), limits).kind).toBe("waiting");
  });

  it("does not wait for what need not be awaited", () => {
    const lax = goalWith([wanted(oldGroup, { traffic: noTraffic }), wanted(newGroup, { isAwaited: false })]);
    const group = pinnedGroup(newGroup, { instances: [...healthy(2), started] });
    expect(toward(lax, seenWith([pinnedGroup(oldGroup), group]), { floor: 2, healthyPercent: 100 }).kind).toBe(
      "acting",
    );
  });
});

describe("the guard", () => {
  const goal = goalWith([wanted(oldGroup, { traffic: noTraffic })]);

  it("leaves in traffic what is needed for the floor, and says so", () => {
    const seen = seenWith([pinnedGroup(oldGroup), pinnedGroup(newGroup, { instances: healthy(2) })]);
    expect(toward(goal, seen, { ...limits, floor: 2 })).toEqual({
      kind: "acting",
      actions: [{ kind: "serve", group: oldGroup, instances: 0, weight: 0 }],
    });
    expect(toward(goal, seen, { ...limits, floor: 3 })).toEqual({
      kind: "guarded",
      for: `${oldGroup} cannot be taken from traffic: of 6 healthy instances at least 3 must go on serving`,
    });
  });

  it("holds by weight, too", () => {
    const seen = seenWith([pinnedGroup(oldGroup, { weight: 100 })], { traffic: "weight" });
    expect(toward(goal, seen, limits).kind).toBe("guarded");
    expect(toward(goal, seen, { ...limits, floor: 0 }).kind).toBe("acting");
  });

  it("lets go what serves nobody, however little serves", () => {
    const dead = pinnedGroup(oldGroup, {
      instances: healthy(4).map((one) => ({ ...one, health: "unhealthy" as const })),
    });
    expect(toward(goal, seenWith([dead]), limits).kind).toBe("acting");
  });

  it("takes of several groups those that it may, together and not one by one", () => {
    const both = goalWith([
      wanted(oldGroup, { traffic: noTraffic }),
      wanted("playback-prod-v002", { traffic: noTraffic }),
    ]);
    const seen = seenWith([pinnedGroup(oldGroup), pinnedGroup("playback-prod-v002"), pinnedGroup(newGroup)]);
    expect(toward(both, seen, { ...limits, floor: 8 })).toEqual({
      kind: "acting",
      actions: [{ kind: "serve", group: oldGroup, instances: 0, weight: 0 }],
    });
  });

  it("counts, of a group that is to have less traffic, what it loses by it", () => {
    const partly = (traffic: "attachment" | "weight", floor: number) =>
      toward(
        goalWith([wanted(oldGroup, { traffic: trafficOf(1, 4) })]),
        seenWith([pinnedGroup(oldGroup, traffic === "weight" ? { weight: 100 } : {})], { traffic }),
        { ...limits, floor },
      );
    expect([1, 2].map((floor) => partly("attachment", floor).kind)).toEqual(["acting", "guarded"]);
    // What is ill is taken first, and is no loss.
    const ill = pinnedGroup(oldGroup, { instances: [...healthy(3), instanceWith("i-4", { health: "unhealthy" })] });
    const goal = goalWith([wanted(oldGroup, { traffic: trafficOf(3, 4) })]);
    expect(toward(goal, seenWith([ill]), limits).kind).toBe("acting");
    // By weight all its instances go on serving.
    expect(partly("weight", 4)).toEqual({
      kind: "acting",
      actions: [{ kind: "serve", group: oldGroup, instances: 1, weight: 25 }],
    });
  });

  it("takes a group that is to be gone from traffic before it is deleted", () => {
    const seen = seenWith([pinnedGroup(oldGroup), pinnedGroup(newGroup)]);
    const gone = (floor: number) => toward(goalWith([], { absent: [newGroup] }), seen, { ...limits, floor });
    expect(gone(4)).toEqual({
      kind: "acting",
      actions: [{ kind: "serve", group: newGroup, instances: 0, weight: 0 }],
    });
    expect(gone(5).kind).toBe("guarded");
  });

  it("holds without a balancer, where an instance serves as long as it is there", () => {
    const ended = (given: Partial<Goal>, floor: number) =>
      toward(goalWith([], given), seenWith([pinnedGroup(oldGroup), pinnedGroup(newGroup)], { traffic: "none" }), {
        ...limits,
        floor,
      });
    expect(ended({ absent: [newGroup] }, 4)).toEqual({
      kind: "acting",
      actions: [{ kind: "delete", group: newGroup }],
    });
    expect(ended({ absent: [newGroup] }, 5)).toEqual({
      kind: "guarded",
      for: `${newGroup} cannot be ended: at least 5 must go on serving`,
    });
    expect(ended({ groups: [wanted(oldGroup, { size: zero, traffic: noTraffic })] }, 5).kind).toBe("guarded");
    // What only lets its size go ends no instance.
    const released = wanted(oldGroup, { size: { kind: "released", size } });
    expect(ended({ groups: [released] }, 8).kind).toBe("acting");
  });
});

describe("traffic that is as it is to be", () => {
  const kindOf = (traffic: "attachment" | "weight", goal: GroupGoal["traffic"], given: Partial<ServerGroup>) =>
    toward(goalWith([wanted(oldGroup, { traffic: goal })]), seenWith([pinnedGroup(oldGroup, given)], { traffic }), {
      ...limits,
      floor: 0,
    }).kind;
  const registered = (count: number) => healthy(4).map((one, index) => ({ ...one, isRegistered: index < count }));

  it("is left alone", () => {
    expect(kindOf("weight", fullTraffic(4, 4), { weight: 100 })).toBe("reached");
    expect(kindOf("attachment", trafficOf(1, 4), { instances: registered(1) })).toBe("reached");
    expect(kindOf("attachment", trafficOf(1, 4), { instances: registered(2) })).toBe("acting");
  });

  it("is that of a group without weight where it is to have none, and not where it is to have the least", () => {
    expect(kindOf("weight", noTraffic, { weight: undefined, isServing: false })).toBe("reached");
    expect(kindOf("weight", trafficOf(1, 1000), { weight: undefined, isServing: false })).toBe("acting");
  });

  it("needs no more healthy instances than it is to have", () => {
    const two = { weight: 25, instances: healthy(2) };
    expect(kindOf("weight", trafficOf(2, 4), two)).toBe("acting");
    expect(kindOf("weight", trafficOf(3, 4), two)).toBe("reached");
  });

  it("is not that of a group which is to have some and is not attached, whether or not it has instances", () => {
    expect(kindOf("attachment", fullTraffic(4, 4), { isServing: false, instances: [] })).toBe("acting");
  });

  it("is not that of a group which is attached without instances, and is to have no traffic", () => {
    expect(kindOf("attachment", noTraffic, { instances: registered(0) })).toBe("acting");
  });
});

describe("what is taken from traffic", () => {
  const draining = healthy(4).map((one) => ({ ...one, isRegistered: false, health: "draining" as const }));
  const seen = seenWith([pinnedGroup(oldGroup, { isServing: false, instances: draining }), pinnedGroup(newGroup)]);
  const toEnd = { kind: "waiting", for: `${oldGroup} to end the requests that it has` };

  it("ends its requests before it shrinks", () => {
    const goal = goalWith([wanted(oldGroup, { size: zero, traffic: noTraffic }), wanted(newGroup)]);
    expect(toward(goal, seen, limits)).toEqual(toEnd);
    const drained = seenWith([
      pinnedGroup(oldGroup, { isServing: false, instances: healthy(4).map(unregistered) }),
      pinnedGroup(newGroup),
    ]);
    expect(toward(goal, drained, limits)).toEqual({
      kind: "acting",
      actions: [{ kind: "resize", group: oldGroup, size: exactly(0) }],
    });
  });

  it("is waited for as long as one instance has requests", () => {
    const last = [draining[0]!, ...healthy(3).map(unregistered)];
    const goal = goalWith([wanted(newGroup)], { absent: [oldGroup] });
    const still = seenWith([pinnedGroup(oldGroup, { isServing: false, instances: last }), pinnedGroup(newGroup)]);
    expect(toward(goal, still, limits)).toEqual(toEnd);
  });

  it("ends its requests before it is deleted", () => {
    const goal = goalWith([wanted(newGroup)], { absent: [oldGroup] });
    expect(toward(goal, seen, limits)).toEqual(toEnd);
    expect(toward(goal, seenWith([keptGroup(oldGroup), pinnedGroup(newGroup)]), limits)).toEqual({
      kind: "acting",
      actions: [{ kind: "delete", group: oldGroup }],
    });
  });

  it("is not waited for when it is being deleted, nor without a balancer", () => {
    const goal = goalWith([wanted(newGroup)], { absent: [oldGroup] });
    const deleting = seenWith([
      pinnedGroup(oldGroup, { isServing: false, isDeleting: true, instances: draining }),
      pinnedGroup(newGroup),
    ]);
    expect(toward(goal, deleting, limits)).toEqual({ kind: "reached" });
    expect(toward(goal, { ...seen, traffic: "none" }, limits).kind).toBe("acting");
  });

  it("loses its share of the weight when the new group has got its own, and gets it back on the way back", () => {
    const goal = goalWith([
      wanted(oldGroup, { traffic: trafficOf(2, 4) }),
      wanted(newGroup, { size: { kind: "at-least", size: exactly(2) }, traffic: fullTraffic(2, 4) }),
    ]);
    const weights = (before: number, after: number) =>
      toward(
        goal,
        seenWith(
          [
            pinnedGroup(oldGroup, { weight: before }),
            groupWith(newGroup, { size: exactly(2), weight: after, isServing: after > 0 }),
          ],
          { traffic: "weight" },
        ),
        limits,
      );
    expect(weights(100, 0)).toEqual({
      kind: "acting",
      actions: [{ kind: "serve", group: newGroup, instances: "all", weight: 50 }],
    });
    expect(weights(100, 50)).toEqual({
      kind: "acting",
      actions: [{ kind: "serve", group: oldGroup, instances: 2, weight: 50 }],
    });
    expect(weights(50, 50)).toEqual({ kind: "reached" });
    expect(weights(20, 50)).toEqual({
      kind: "acting",
      actions: [{ kind: "serve", group: oldGroup, instances: 2, weight: 50 }],
    });
  });
});

describe("the mark of what the cluster runs", () => {
  const goal = goalWith([], { promoted: newGroup });

  it("moves first away, and then there", () => {
    const marked = (before: boolean, after: boolean, given: Partial<ServerGroup> = {}) =>
      toward(
        goal,
        seenWith([groupWith(oldGroup, { isPromoted: before, ...given }), groupWith(newGroup, { isPromoted: after })]),
        limits,
      );
    expect(marked(true, false)).toEqual({ kind: "acting", actions: [{ kind: "demote", group: oldGroup }] });
    expect(marked(false, false)).toEqual({ kind: "acting", actions: [{ kind: "promote", group: newGroup }] });
    expect(marked(false, true)).toEqual({ kind: "reached" });
    expect(marked(true, true, { isDeleting: true })).toEqual({ kind: "reached" });
  });

  it("stays where nothing is said of it", () => {
    expect(toward(goalWith([]), seenWith([groupWith(oldGroup)]), limits)).toEqual({ kind: "reached" });
  });
});
