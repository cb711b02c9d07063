import { describe, expect, it } from "vitest";
import type { Action, Observation } from "./model.ts";
import { planRegion } from "./region.ts";
import { failed } from "./say.ts";
import { contextWith, fresh, newGroup, old, oldGroup, second, size, type SpecGiven } from "./specs.test-kit.ts";
import type { RegionState } from "./state.ts";
import { world } from "./world.test-kit.ts";

interface Given {
  readonly traffic: Observation["traffic"];
  readonly kind: "rollout" | "rollback";
  readonly spec?: SpecGiven;
  /** Before which pass it is told to go back. */
  readonly failsAt?: number;
}

const texts = (actions: readonly Action[]) =>
  actions.map((action) => {
    switch (action.kind) {
      case "create":
      case "resize":
        return `${action.kind} ${action.group.slice(-4)} to ${action.size.min}/${action.size.desired}/${action.size.max}`;
      case "serve":
        return `serve ${action.group.slice(-4)} by ${action.instances}, ${action.weight}`;
      case "delete":
      case "promote":
      case "demote":
        return `${action.kind} ${action.group.slice(-4)}`;
    }
  });

/**
 * A region with the new group in use and the old one kept, for a rollback, or with the old one in use; and all that is done
 * there, with how many healthy instances serve after each pass in which something was.
 */
function play({ traffic, kind, spec, failsAt }: Given) {
  const place = world({ traffic, capacity: size, natureOf: () => "good", ticksToHealthy: 4 });
  const isBack = kind === "rollback";
  if (isBack) place.add(oldGroup, old, { min: 0, desired: 0, max: 0 }, { isAttached: false, weight: 0, createdAt: 1 });
  place.add(isBack ? newGroup : oldGroup, isBack ? fresh : old, size, { isPromoted: true });
  place.settle();
  const before = place.observe().groups;
  const context = contextWith(spec, { kind, version: isBack ? old : fresh });
  let state: RegionState = { phase: "pending" };
  const done: { readonly actions: readonly string[]; readonly serving: number; readonly weights: readonly number[] }[] =
    [];
  for (let pass = 0; pass < 200 && state.phase !== "succeeded" && state.phase !== "undone"; pass++) {
    if (pass === failsAt && state.phase === "running")
      state = failed(context, state.task, "aborted", place.now()).state;
    const plan = planRegion(context, state, place.observe(), place.now());
    state = plan.state;
    for (const action of plan.actions) place.apply(action);
    const weights = place.groups.map(({ weight }) => weight);
    if (plan.actions.length > 0) done.push({ actions: texts(plan.actions), serving: place.serving(), weights });
    place.tick(second);
  }
  return { state, done, before, after: place.observe().groups };
}

describe("a rollback to a kept group", () => {
  it("uses that group again: it grows and serves in good health before the bad one loses its traffic", () => {
    const { state, done } = play({ traffic: "attachment", kind: "rollback" });
    expect(state.phase).toBe("succeeded");
    expect(done.map(({ actions, serving }) => [actions, serving])).toEqual([
      [["resize v001 to 4/4/8", "resize v000 to 4/4/8"], 4],
      [["serve v000 by all, 100"], 4],
      [["serve v001 by 0, 0"], 4],
      [["resize v001 to 2/4/8", "resize v000 to 2/4/8"], 4],
      [["demote v001"], 4],
      [["promote v000"], 4],
      [["resize v001 to 0/0/0"], 4],
    ]);
  });

  it("gives it weight only when it is healthy", () => {
    const { done } = play({ traffic: "weight", kind: "rollback" });
    expect(done.slice(0, 3).map(({ actions, serving }) => [actions, serving])).toEqual([
      [["resize v001 to 4/4/8", "resize v000 to 4/4/8"], 4],
      [["serve v000 by all, 100"], 8],
      [["serve v001 by 0, 0"], 4],
    ]);
  });

  it.each(["attachment", "weight"] as const)("that is undone at any time leaves both as they were (%s)", (traffic) => {
    const told = (groups: Observation["groups"]) =>
      groups.map((group) => ({ ...group, weight: undefined, createdAt: 0, instances: group.instances.length }));
    const whole = play({ traffic, kind: "rollback" }).done.length;
    let undone = 0;
    for (let failsAt = 1; failsAt < 60; failsAt++) {
      const { state, done, before, after } = play({ traffic, kind: "rollback", failsAt });
      if (state.phase !== "undone") continue;
      undone += 1;
      expect(told(after), `before pass ${failsAt}`).toEqual(told(before));
      for (const { actions, serving } of done)
        expect(serving, `${actions.join(", ")}, undone before pass ${failsAt}`).toBeGreaterThanOrEqual(4);
    }
    expect(undone).toBeGreaterThan(whole);
  });
});

describe("a rolling red/black by weight", () => {
  it("gives the new group its part first and then takes it from the old one, so that they sum up to 100 between", () => {
    const { state, done } = play({
      traffic: "weight",
      kind: "rollout",
      spec: { strategy: { type: "rolling-red-black", percentages: [25, 50, 100] } },
    });
    expect(state.phase).toBe("succeeded");
    expect(done.filter(({ actions }) => actions[0]?.startsWith("serve")).map(({ weights }) => weights)).toEqual([
      [100, 25],
      [75, 25],
      [75, 50],
      [50, 50],
      [50, 100],
      [0, 100],
    ]);
  });
});
