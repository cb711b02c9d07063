import { describe, expect, it } from "vitest";
import { conditionOf, pipelineOf, simulate } from "./simulation.test-kit.ts";
import type { Simulation } from "./simulation.test-kit.ts";

const threeStages = {
  Source: { actions: ["pull"] },
  Build: { actions: ["compile", "lint", "pack/2"] },
  Deploy: { actions: ["ship"] },
};
const names = (pipeline: Simulation) =>
  pipeline.outstanding().map((run) => `${run.executionId} ${run.kind === "run-action" ? run.action : run.rule}`);

describe("stages and actions", () => {
  it("runs actions of one run order together and the next order after them", () => {
    const pipeline = simulate(pipelineOf("SUPERSEDED", threeStages));
    pipeline.start();
    pipeline.finish("pull");
    expect(names(pipeline)).toEqual(["e1 compile", "e1 lint"]);
    pipeline.finish("lint");
    expect(names(pipeline)).toEqual(["e1 compile"]);
    pipeline.finish("compile");
    pipeline.finish("pack");
    pipeline.finish("ship");
    expect(pipeline.status("e1")).toBe("Succeeded");
    expect(pipeline.effects.filter(({ kind }) => kind === "pipeline-event")).toMatchObject([
      { state: "STARTED" },
      { state: "SUCCEEDED" },
    ]);
  });

  it("fails at once, holds the stage until its other actions have ended, and then lets the next execution in", () => {
    const pipeline = simulate(pipelineOf("SUPERSEDED", threeStages));
    pipeline.start();
    pipeline.finish("pull");
    pipeline.start();
    pipeline.finish("pull");
    pipeline.finish("compile", false);
    expect(pipeline.status("e1")).toBe("Failed");
    expect(names(pipeline)).toEqual(["e1 lint"]);
    pipeline.finish("lint");
    expect(names(pipeline)).toEqual(["e2 compile", "e2 lint"]);
  });

  it("waits while a transition is closed, and goes on when it is opened", () => {
    const pipeline = simulate(pipelineOf("SUPERSEDED", threeStages));
    pipeline.happen({ kind: "close-transition", stage: "Build", by: "me", reason: "freeze" });
    pipeline.start();
    pipeline.finish("pull");
    expect(names(pipeline)).toEqual([]);
    pipeline.happen({ kind: "open-transition", stage: "Build", by: "me" });
    expect(names(pipeline)).toEqual(["e1 compile", "e1 lint"]);
  });
});

describe("execution modes", () => {
  const reach = (mode: "SUPERSEDED" | "QUEUED" | "PARALLEL") => {
    const pipeline = simulate(pipelineOf(mode, threeStages));
    for (let i = 0; i < 3; i++) {
      pipeline.start();
      pipeline.finish("pull");
    }
    return pipeline;
  };

  it("SUPERSEDED: a newer execution takes the place of the one that waits", () => {
    const pipeline = reach("SUPERSEDED");
    expect(["e1", "e2", "e3"].map(pipeline.status)).toEqual(["InProgress", "Superseded", "InProgress"]);
    expect(names(pipeline)).toEqual(["e1 compile", "e1 lint"]);
  });

  it("QUEUED: executions wait in line", () => {
    const pipeline = reach("QUEUED");
    expect(["e1", "e2", "e3"].map(pipeline.status)).toEqual(["InProgress", "InProgress", "InProgress"]);
    expect(names(pipeline)).toEqual(["e1 compile", "e1 lint"]);
    pipeline.happen({ kind: "stop", executionId: "e1", abandon: true, reason: undefined });
    expect(names(pipeline)).toEqual(["e2 compile", "e2 lint"]);
  });

  it("PARALLEL: executions do not wait for each other", () => {
    expect(names(reach("PARALLEL"))).toHaveLength(6);
  });

  it("refuses the execution beyond the limit", () => {
    const pipeline = simulate(pipelineOf("QUEUED", threeStages));
    for (let i = 0; i < 50; i++) pipeline.start();
    const outcome = pipeline.happen({
      kind: "start",
      executionId: "late",
      trigger: { type: "Webhook", detail: "" },
      variables: {},
      sourceOverrides: [],
    });
    expect(outcome).toMatchObject({ kind: "refused", code: "ConcurrentPipelineExecutionsLimitExceededException" });
  });
});

describe("stop and retry", () => {
  const building = () => {
    const pipeline = simulate(pipelineOf("SUPERSEDED", threeStages));
    pipeline.start();
    pipeline.finish("pull");
    return pipeline;
  };
  const stop = (pipeline: Simulation, abandon: boolean) =>
    pipeline.happen({ kind: "stop", executionId: "e1", abandon, reason: "why" });
  const retry = (pipeline: Simulation, mode: "FAILED_ACTIONS" | "ALL_ACTIONS", executionId = "e1") =>
    pipeline.happen({ kind: "retry", executionId, stage: "Build", mode });

  it("stops after the running actions, once; may then still be told to abandon them", () => {
    const pipeline = building();
    stop(pipeline, false);
    expect(pipeline.status("e1")).toBe("Stopping");
    expect(stop(pipeline, false)).toMatchObject({ code: "DuplicatedStopRequestException" });
    pipeline.finish("compile");
    expect(pipeline.status("e1")).toBe("Stopping");
    stop(pipeline, true);
    expect(pipeline.status("e1")).toBe("Stopped");
    expect(pipeline.effects).toContainEqual(expect.objectContaining({ kind: "abandon-action", action: "lint" }));
    expect(stop(pipeline, true)).toMatchObject({ code: "PipelineExecutionNotStoppableException" });
  });

  it("retries what failed and leaves alone what runs", () => {
    const pipeline = building();
    pipeline.finish("compile", false);
    expect(retry(pipeline, "ALL_ACTIONS")).toMatchObject({ code: "StageNotRetryableException" });
    retry(pipeline, "FAILED_ACTIONS");
    expect(pipeline.status("e1")).toBe("InProgress");
    expect(names(pipeline)).toEqual(["e1 lint", "e1 compile"]);
  });

  it("retries all actions of a stopped stage", () => {
    const pipeline = building();
    pipeline.finish("compile");
    stop(pipeline, true);
    retry(pipeline, "ALL_ACTIONS");
    expect(names(pipeline)).toEqual(["e1 compile", "e1 lint"]);
  });

  it("does not retry once another execution has entered the stage", () => {
    const pipeline = building();
    stop(pipeline, true);
    pipeline.start();
    pipeline.finish("pull");
    expect(retry(pipeline, "FAILED_ACTIONS")).toMatchObject({ code: "NotLatestPipelineExecutionException" });
  });

  it("retries by itself once", () => {
    const onFailure = { result: "RETRY", retryConfiguration: { retryMode: "FAILED_ACTIONS" } };
    const pipeline = simulate(
      pipelineOf("QUEUED", { Source: { actions: ["pull"] }, Build: { actions: ["compile"], onFailure } }),
    );
    pipeline.start();
    pipeline.finish("pull");
    pipeline.finish("compile", false);
    expect(pipeline.status("e1")).toBe("InProgress");
    pipeline.finish("compile", false);
    expect(pipeline.status("e1")).toBe("Failed");
  });
});

describe("rollback", () => {
  const withOnFailure = (onFailure: object) => {
    const pipeline = simulate(
      pipelineOf("SUPERSEDED", {
        Source: { actions: ["pull"] },
        Deploy: { actions: ["ship"], onFailure },
        Check: { actions: ["check"] },
      }),
    );
    for (const isGood of [true, false]) {
      pipeline.start();
      pipeline.finish("pull");
      pipeline.finish("ship", isGood);
      if (isGood) pipeline.finish("check");
    }
    return pipeline;
  };

  it("goes back by itself to the last execution that succeeded, in that stage only", () => {
    const pipeline = withOnFailure({ result: "ROLLBACK" });
    const rollback = [...pipeline.executions.values()].find(({ type }) => type === "ROLLBACK");
    expect(rollback).toMatchObject({ rollbackTarget: "e1", trigger: { type: "AutomatedRollback", detail: "e2" } });
    pipeline.finish("ship");
    expect(pipeline.status(rollback?.id ?? "")).toBe("Succeeded");
    expect(names(pipeline)).toEqual([]);
  });

  it("goes back when the failure condition is met, and not otherwise", () => {
    const onFailure = conditionOf("check-branch", "ROLLBACK");
    const met = withOnFailure(onFailure);
    met.finish("check-branch");
    expect(names(met)).toEqual([expect.stringMatching(/^run-\d+ ship$/)]);
    const unmet = withOnFailure(onFailure);
    unmet.finish("check-branch", false);
    expect(names(unmet)).toEqual([]);
    expect(unmet.status("e2")).toBe("Failed");
  });

  it.each([
    ["Source", "e1", "a source stage cannot be rolled back"],
    ["Deploy", "e2", "has not succeeded in it"],
  ])("refuses %s to %s", (stage, targetId, message) => {
    const pipeline = withOnFailure({});
    expect(pipeline.happen({ kind: "rollback", executionId: "r", stage, targetId, by: "me" })).toMatchObject({
      code: "UnableToRollbackStageException",
      message: expect.stringContaining(message) as string,
    });
  });
});

describe("conditions", () => {
  const guarded = (result: "FAIL" | "SKIP") =>
    simulate(
      pipelineOf("SUPERSEDED", {
        Source: { actions: ["pull"] },
        Deploy: { actions: ["ship"], beforeEntry: conditionOf("may-enter", result) },
        Check: { actions: ["check"] },
      }),
    );

  it.each([
    ["FAIL", true, ["e1 ship"], "InProgress"],
    ["FAIL", false, [], "Failed"],
    ["SKIP", false, ["e1 check"], "InProgress"],
  ] as const)("entry with %s and a rule that passes: %s", (result, passed, expected, status) => {
    const pipeline = guarded(result);
    pipeline.start();
    pipeline.finish("pull");
    pipeline.finish("may-enter", passed);
    expect(names(pipeline)).toEqual(expected);
    expect(pipeline.status("e1")).toBe(status);
  });

  it("lets an unmet condition be overridden, and only such a one", () => {
    const pipeline = guarded("FAIL");
    const override = () =>
      pipeline.happen({ kind: "override", executionId: "e1", stage: "Deploy", condition: "beforeEntry" });
    pipeline.start();
    pipeline.finish("pull");
    pipeline.finish("may-enter", false);
    override();
    expect(names(pipeline)).toEqual(["e1 ship"]);
    expect(override()).toMatchObject({ code: "ConditionNotOverridableException" });
  });

  it("fails a stage whose success condition is not met", () => {
    const pipeline = simulate(
      pipelineOf("SUPERSEDED", {
        Source: { actions: ["pull"] },
        Deploy: { actions: ["ship"], onSuccess: conditionOf("is-well", "FAIL") },
      }),
    );
    pipeline.start();
    pipeline.finish("pull");
    pipeline.finish("ship");
    pipeline.finish("is-well", false);
    expect(pipeline.status("e1")).toBe("Failed");
  });
});

describe("a new definition", () => {
  it("cancels whatever runs or waits, and keeps closed transitions", () => {
    const definition = pipelineOf("SUPERSEDED", threeStages);
    const pipeline = simulate(definition);
    pipeline.happen({ kind: "close-transition", stage: "Deploy", by: "me", reason: "freeze" });
    pipeline.start();
    pipeline.finish("pull");
    pipeline.start();
    pipeline.happen({ kind: "replaced", by: { ...definition, version: 2 } });
    expect(["e1", "e2"].map(pipeline.status)).toEqual(["Cancelled", "Cancelled"]);
    expect(pipeline.effects.filter(({ kind }) => kind === "abandon-action")).toHaveLength(3);
    expect(pipeline.flow()).toMatchObject({ live: [], stages: [{}, {}, { closed: { reason: "freeze" } }] });
  });
});
