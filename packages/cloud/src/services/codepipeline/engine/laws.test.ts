import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conditionOf, pipelineOf, simulate } from "./simulation.test-kit.ts";
import type { DescribedStage, Simulation } from "./simulation.test-kit.ts";

type Mode = "SUPERSEDED" | "QUEUED" | "PARALLEL";

const onFailure = fc.constantFrom(
  {},
  { onFailure: { result: "ROLLBACK" } },
  { onFailure: { result: "RETRY", retryConfiguration: { retryMode: "ALL_ACTIONS" } } },
  { onFailure: { result: "RETRY", ...conditionOf("of-failure", "ROLLBACK") } },
);
const stage = fc
  .tuple(
    fc.constantFrom(["a"], ["a", "b"], ["a", "b/2"], ["a", "b", "c/3"]),
    fc.constantFrom(
      {},
      { beforeEntry: conditionOf("of-entry", "FAIL") },
      { beforeEntry: conditionOf("of-entry", "SKIP") },
    ),
    fc.constantFrom({}, { onSuccess: conditionOf("of-success", "ROLLBACK") }),
    onFailure,
  )
  .map(([actions, ...rest]) => rest.reduce<DescribedStage>((all, one) => ({ ...all, ...one }), { actions }));
const definition = (mode: Mode) =>
  fc
    .array(stage, { minLength: 2, maxLength: 3 })
    .map((stages) => pipelineOf(mode, Object.fromEntries(stages.map((one, index) => [`S${index}`, one]))));

/** A request or an end, aimed at whatever there is by numbers. */
const step = fc.record({
  kind: fc.constantFrom("start", "end", "end", "end", "end", "stop", "retry", "rollback", "override", "close", "open"),
  which: fc.nat(20),
  other: fc.nat(20),
  passed: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function take(pipeline: Simulation, { kind, which, other, passed }: Step): void {
  const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];
  const executionId = pick([...pipeline.executions.keys()], which) ?? "none";
  const stageName = pick(pipeline.flow().stages, other)?.name ?? "none";
  switch (kind) {
    case "start":
      pipeline.start();
      return;
    case "end": {
      const run = pick(pipeline.outstanding(), which);
      if (run !== undefined) pipeline.end(run, passed);
      return;
    }
    case "stop":
      pipeline.happen({ kind: "stop", executionId, abandon: passed, reason: undefined });
      return;
    case "retry":
      pipeline.happen({
        kind: "retry",
        executionId,
        stage: stageName,
        mode: passed ? "ALL_ACTIONS" : "FAILED_ACTIONS",
      });
      return;
    case "rollback":
      pipeline.happen({
        kind: "rollback",
        executionId: `rollback-${pipeline.effects.length}`,
        stage: stageName,
        targetId: executionId,
        by: "",
      });
      return;
    case "override":
      pipeline.happen({
        kind: "override",
        executionId,
        stage: stageName,
        condition: passed ? "beforeEntry" : "onSuccess",
      });
      return;
    case "close":
      pipeline.happen({ kind: "close-transition", stage: stageName, by: "", reason: "" });
      return;
    case "open":
      pipeline.happen({ kind: "open-transition", stage: stageName, by: "" });
      return;
  }
}

const play = (mode: Mode, law: (pipeline: Simulation) => void) =>
  fc.assert(
    fc.property(definition(mode), fc.array(step, { maxLength: 60 }), (pipelineDefinition, steps) => {
      const pipeline = simulate(pipelineDefinition);
      for (const one of steps) {
        take(pipeline, one);
        law(pipeline);
      }
    }),
    { numRuns: 150 },
  );

const present = (pipeline: Simulation) =>
  [...pipeline.executions.values()].flatMap((execution) =>
    execution.at === undefined ? [] : [{ execution, at: execution.at }],
  );

describe("laws of the engine", () => {
  it.each(["SUPERSEDED", "QUEUED"] as const)(
    "%s: a stage holds one execution at most, and only its holder's actions run",
    (mode) => {
      play(mode, (pipeline) => {
        for (const [index, { occupant, inbound }] of pipeline.flow().stages.entries()) {
          const holders = present(pipeline).filter(({ at }) => at.stage === index && !at.waiting);
          expect(holders.map(({ execution }) => execution.id)).toEqual(occupant === undefined ? [] : [occupant]);
          if (mode === "SUPERSEDED") expect(inbound.length).toBeLessThanOrEqual(1);
        }
        for (const run of pipeline.outstanding())
          expect(pipeline.flow().stages.find(({ name }) => name === run.stage)?.occupant).toBe(run.executionId);
      });
    },
  );

  it("QUEUED: no execution overtakes another", () => {
    play("QUEUED", (pipeline) => {
      const line = present(pipeline).filter(({ execution }) => execution.type === "STANDARD");
      const places = line
        .toSorted((a, b) => a.execution.order - b.execution.order)
        .map(({ at }) => 2 * at.stage + (at.waiting ? 0 : 1));
      expect(places).toEqual(places.toSorted((a, b) => b - a));
    });
  });

  it.each(["SUPERSEDED", "QUEUED", "PARALLEL"] as const)(
    "%s: every run is asked for once, and every execution ends",
    (mode) => {
      fc.assert(
        fc.property(
          definition(mode),
          fc.array(step, { maxLength: 40 }),
          fc.array(fc.boolean(), { minLength: 1 }),
          (pipelineDefinition, steps, results) => {
            const pipeline = simulate(pipelineDefinition);
            for (const one of steps) take(pipeline, one);
            for (const { name } of pipeline.flow().stages)
              pipeline.happen({ kind: "open-transition", stage: name, by: "" });
            for (let i = 0; i < 2000; i++) {
              const [run] = pipeline.outstanding();
              if (run === undefined) break;
              pipeline.end(run, results[i % results.length]);
            }
            expect(pipeline.flow().live).toEqual([]);
            for (const { status, at } of pipeline.executions.values()) expect([status, at]).not.toContain("InProgress");
            const asked = pipeline.effects.flatMap((effect) =>
              effect.kind === "run-action" || effect.kind === "run-rule" ? [effect.run.id] : [],
            );
            expect(new Set(asked).size).toBe(asked.length);
          },
        ),
        { numRuns: 150 },
      );
    },
  );

  it("a run that ends twice changes nothing the second time", () => {
    fc.assert(
      fc.property(
        definition("QUEUED"),
        fc.array(step, { maxLength: 40 }),
        fc.boolean(),
        (pipelineDefinition, steps, passed) => {
          const pipeline = simulate(pipelineDefinition);
          pipeline.start();
          for (const one of steps) take(pipeline, one);
          const [run] = pipeline.outstanding();
          fc.pre(run !== undefined);
          pipeline.end(run, passed);
          const before = structuredClone([pipeline.flow(), [...pipeline.executions], pipeline.effects]);
          pipeline.end(run, !passed);
          expect([pipeline.flow(), [...pipeline.executions], pipeline.effects]).toEqual(before);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("abandoning ends an execution at once", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Mode>("SUPERSEDED", "QUEUED", "PARALLEL").chain(definition),
        fc.array(step, { maxLength: 40 }),
        (pipelineDefinition, steps) => {
          const pipeline = simulate(pipelineDefinition);
          for (const one of steps) take(pipeline, one);
          for (const { execution } of present(pipeline)) {
            const outcome = pipeline.happen({
              kind: "stop",
              executionId: execution.id,
              abandon: true,
              reason: undefined,
            });
            if (outcome.kind === "changed")
              expect(pipeline.executions.get(execution.id)).toMatchObject({ status: "Stopped", at: undefined });
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
