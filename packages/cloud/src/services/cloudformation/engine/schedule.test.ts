import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Phase, TaskState } from "../model.ts";
import type { Graph } from "../template/graph.ts";
import { generateName, stepToken } from "./names.ts";
import { after } from "./phases.ts";
import type { Next } from "./phases.ts";
import { ready, running } from "./schedule.ts";

/** Graphs without circles: each task depends on some of those before it. */
const graphs: fc.Arbitrary<Graph> = fc
  .integer({ min: 0, max: 12 })
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, n) => fc.subarray(Array.from({ length: n }, (__, other) => `t${other}`))),
    ),
  )
  .map((edges) => new Map(edges.map((before, n) => [`t${n}`, new Set(before)])));

/** Runs a graph as the controller does, with steps that end in any order and some that fail. */
function simulate(
  graph: Graph,
  failing: ReadonlySet<string>,
  stopsOnFailure: boolean,
  pick: (count: number) => number,
) {
  const states: Record<string, TaskState> = {};
  const begun: string[] = [];
  for (;;) {
    for (const task of ready(graph, states, stopsOnFailure)) {
      begun.push(task);
      states[task] = "running";
    }
    const active = running(graph, states);
    const task = active[pick(active.length)];
    if (task === undefined) return { states, begun };
    states[task] = failing.has(task) ? "failed" : "done";
    for (const other of begun) {
      const before = [...(graph.get(other) ?? [])];
      expect(before.every((one) => states[one] === "done")).toBe(true);
    }
  }
}

const picks = fc
  .infiniteStream(fc.nat({ max: 1000 }))
  .map((stream) => (count: number) => (count === 0 ? 0 : (stream.next().value ?? 0) % count));

describe("the schedule", () => {
  it("does every task once, each after all that it depends on", () => {
    fc.assert(
      fc.property(graphs, picks, (graph, pick) => {
        const { states, begun } = simulate(graph, new Set(), true, pick);
        expect(begun.toSorted()).toEqual([...graph.keys()].toSorted());
        expect(Object.values(states).every((state) => state === "done")).toBe(true);
      }),
    );
  });

  it("ends after failures, and begins nothing that depends on what has failed", () => {
    fc.assert(
      fc.property(graphs, fc.nat(), fc.boolean(), picks, (graph, seed, stops, pick) => {
        const failing = new Set([...graph.keys()].filter((_, n) => ((seed >> n) & 3) === 0));
        const { states, begun } = simulate(graph, failing, stops, pick);
        const isBlocked = (task: string): boolean =>
          [...(graph.get(task) ?? [])].some((other) => states[other] !== "done");
        for (const task of graph.keys()) {
          if (isBlocked(task)) expect(begun).not.toContain(task);
          else if (!stops) expect(begun).toContain(task);
        }
        expect(running(graph, states)).toEqual([]);
      }),
    );
  });

  it("begins everything at once that can be", () => {
    expect(
      ready(
        new Map([
          ["a", new Set<string>()],
          ["b", new Set<string>()],
          ["c", new Set(["a", "b"])],
        ]),
        {},
        true,
      ),
    ).toEqual(["a", "b"]);
  });
});

describe("phases", () => {
  it("come to an end, whatever fails", () => {
    const start: readonly Phase[] = ["create", "update", "update-rollback", "create-rollback", "delete"];
    fc.assert(
      fc.property(
        fc.constantFrom(...start),
        fc.constantFrom("ROLLBACK" as const, "DELETE" as const, "DO_NOTHING" as const),
        fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }),
        fc.boolean(),
        (phase, onFailure, luck, deleting) => {
          let next: Next = { phase };
          for (const succeeded of luck) if ("phase" in next) next = after(next.phase, succeeded, onFailure, deleting);
          expect(next).toHaveProperty("end");
        },
      ),
    );
  });
});

describe("names", () => {
  it("fit, and are the same for the same step", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z][-A-Za-z0-9]{0,127}$/),
        fc.stringMatching(/^[A-Za-z0-9]{1,255}$/),
        fc.integer({ min: 32, max: 255 }),
        (stack, id, maxLength) => {
          const name = generateName(stack, id, "token", { maxLength });
          expect(name.length).toBeLessThanOrEqual(maxLength);
          expect(name).toMatch(/-[A-Z0-9]{12}$/);
          expect(generateName(stack, id, "token", { maxLength })).toBe(name);
          expect(generateName(stack, id, "other", { maxLength })).not.toBe(name);
        },
      ),
    );
    expect(stepToken("o", "l", "create")).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(stepToken("o", "l", "create")).not.toBe(stepToken("o", "l", "update"));
  });
});
