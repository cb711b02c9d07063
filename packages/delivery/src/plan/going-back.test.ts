import { describe, expect, it } from "vitest";
import { exactly, pinned } from "./goal.ts";
import type { ServerGroup } from "./model.ts";
import { planRegion } from "./region.ts";
import {
  contextWith,
  groupWith,
  instanceWith,
  minute,
  newGroup,
  oldGroup,
  planned,
  second,
  seenWith,
  silent,
  size,
  taskWith,
} from "./specs.test-kit.ts";
import type { RegionState } from "./state.ts";

const pinnedOld = groupWith(oldGroup, { size: pinned(size) });
const both = (given: Partial<ServerGroup> = {}) =>
  seenWith([pinnedOld, groupWith(newGroup, { size: pinned(size), ...given })]);
const halfHour = 30 * minute;
const denied = silent({ code: "AccessDenied", message: "you are not authorized", isTransient: false });

describe("a region that goes back", () => {
  const undoing = (given: Partial<RegionState & { phase: "undoing" }> = {}): RegionState => ({
    phase: "undoing",
    task: taskWith(),
    reason: "code 500",
    since: 0,
    ...given,
  });
  const asItWas = seenWith([groupWith(oldGroup)]);
  const pass = (state: RegionState, seen: Parameters<typeof planRegion>[2], now: number, more = {}) =>
    planned(contextWith({}, more), state, seen, now);

  it("must look undone for five seconds, since what is seen may be what was before the last change", () => {
    const first = pass(undoing(), asItWas, 10);
    expect(first).toMatchObject({ state: { phase: "undoing", reachedAt: 10 }, wakeAt: 10 + 5 * second, actions: [] });
    expect(pass(first.state, asItWas, 9 + 5 * second).state).toBe(first.state);
    expect(pass(first.state, asItWas, 10 + 5 * second).state).toEqual({
      phase: "undone",
      reason: "code 500",
      at: 10 + 5 * second,
      left: undefined,
    });
    // What comes up meanwhile begins the time anew.
    const again = pass(first.state, both(), 12);
    expect(again.state).toMatchObject({ phase: "undoing", reachedAt: undefined });
    expect(again.actions).toMatchObject([{ kind: "serve", group: newGroup, instances: 0 }]);
  });

  it("restores what served before it takes anything from the new group", () => {
    const empty = groupWith(oldGroup, { size: exactly(0), isServing: false, instances: [] });
    const steps = [
      empty,
      groupWith(oldGroup, {
        size: pinned(size),
        isServing: false,
        instances: [1, 2, 3, 4].map((id) => instanceWith(`o-${id}`, { isRegistered: false, health: "unknown" })),
      }),
      groupWith(oldGroup, {
        size: pinned(size),
        instances: [1, 2, 3, 4].map((id) => instanceWith(`o-${id}`, { health: "starting" })),
      }),
      pinnedOld,
    ].map((before) => {
      const { actions, waiting } = pass(undoing(), seenWith([before, groupWith(newGroup)]), 1);
      return actions.length > 0 ? actions.map(({ kind, group }) => `${kind} ${group}`) : waiting;
    });
    expect(steps).toEqual([
      [`resize ${oldGroup}`],
      [`serve ${oldGroup}`],
      expect.stringMatching(/^0 of 4 instances of playback-prod-v000 are healthy/),
      [`serve ${newGroup}`],
    ]);
  });

  it("does not wait for the last instance of what it goes back to", () => {
    const back = (minimumHealthyPercent: number, healthyPercent: number) =>
      planned(
        contextWith({ guards: { minimumHealthyPercent, healthyPercent } }),
        undoing(),
        seenWith([
          groupWith(oldGroup, { size: pinned(size), instances: [1, 2, 3].map((id) => instanceWith(`o-${id}`)) }),
          groupWith(newGroup, { instances: [] }),
        ]),
        1,
      ).actions.length;
    expect([back(75, 100), back(76, 100), back(100, 75)]).toEqual([1, 0, 1]);
  });

  it("leaves the new group where nothing else serves, and says so", () => {
    const task = taskWith({ source: undefined });
    const alone = seenWith([groupWith(newGroup)]);
    const first = pass(undoing({ task }), alone, 10).state;
    expect(first).toMatchObject({ phase: "undoing", reachedAt: 10 });
    expect(pass(first, alone, 10 + 5 * second).state).toMatchObject({
      phase: "undone",
      left: `${newGroup} is left: nothing else serves.`,
    });
  });

  it("leaves nothing of a first version that serves nobody", () => {
    const task = taskWith({ source: undefined });
    const of = (given: Partial<ServerGroup>) => pass(undoing({ task }), seenWith([groupWith(newGroup, given)]), 10);
    expect(of({ instances: [] }).actions).toMatchObject([{ kind: "serve", group: newGroup, instances: 0 }]);
    expect(of({ instances: [], isServing: false })).toMatchObject({
      state: undoing({ task }),
      actions: [{ kind: "delete", group: newGroup }],
    });
    const gone = pass(undoing({ task, reachedAt: 0 }), seenWith([]), 5 * second).state;
    expect(gone).toMatchObject({ phase: "undone", left: undefined });
  });

  it("is halted when it takes too long: what is waited for is left to a person", () => {
    const left = (seen: Parameters<typeof planRegion>[2]) =>
      [halfHour - 1, halfHour].map((now) => {
        const { state } = pass(undoing(), seen, now);
        return state.phase === "halted" ? state.left : state.phase;
      });
    const sick = groupWith(oldGroup, { size: pinned(size), instances: [] });
    expect(left(seenWith([sick, groupWith(newGroup)]))).toEqual([
      "undoing",
      `0 of 4 instances of ${oldGroup} are healthy`,
    ]);
    expect(left(both())).toEqual(["undoing", "Its changes do not come into effect."]);
    expect(left(silent())).toEqual(["undoing", "It does not answer: EC2 is not available"]);
    expect(left(denied)).toEqual(["undoing", "It does not answer: you are not authorized"]);
    expect(pass(undoing(), silent(), 1)).toMatchObject({
      waiting: "an answer: EC2 is not available",
      wakeAt: halfHour,
    });
    expect(pass(undoing(), seenWith([sick, groupWith(newGroup)]), 1).wakeAt).toBe(halfHour);
    // What has come to its end is over, however late.
    expect(pass(undoing({ reachedAt: 0 }), asItWas, halfHour).state.phase).toBe("undone");
  });

  it("has its time from when its turn came", () => {
    const late = (turnAt: number) => pass(undoing(), both(), halfHour + 5, { turnAt }).state.phase;
    expect([5, 6].map(late)).toEqual(["halted", "undoing"]);
  });

  it("is over when it is undone or halted: nothing is done", () => {
    const over: readonly RegionState[] = [
      { phase: "undone", reason: "", at: 0, left: undefined },
      { phase: "halted", task: taskWith(), reason: "", at: 0, left: "" },
    ];
    for (const state of over)
      expect(planRegion(contextWith(), state, both(), 1)).toMatchObject({
        state,
        actions: [],
        waiting: "nothing: it is over",
      });
  });
});
